// Every architecture, in the order in which users see them. A new one is a line here, and its name
// that of three files: spec/NAME.cpp (NAME_entry), model/attention/NAME.cpp (NAME_attention) and
// tests/model/naive/NAME.cpp (NAME_naive). model/attention/NAME_cpu.cpp is its kernel, if it has
// one.
#pragma once

// ARCHITECTURE is a macro of one name.
#define SURD_ARCHITECTURES(ARCHITECTURE) \
  ARCHITECTURE(standard)                 \
  ARCHITECTURE(sparse)                   \
  ARCHITECTURE(linear)                   \
  ARCHITECTURE(sliding_window)           \
  ARCHITECTURE(retention)                \
  ARCHITECTURE(gated_linear)             \
  ARCHITECTURE(delta)
