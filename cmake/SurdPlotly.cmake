# plotly.min.js, which surd-fit carries inside for its reports. From the wheel that jobs/setup
# unpacks, or a copy of your own.
set(SURD_PLOTLY_JS "$ENV{SURD_PLOTLY_JS}" CACHE FILEPATH
  "A plotly.min.js of your own (default: that of the wheel in SURD_DEPS_DIR)")
if(NOT SURD_PLOTLY_JS)
  set(SURD_PLOTLY_JS "${SURD_DEPS_DIR}/plotly/package_data/plotly.min.js")
endif()
if(NOT EXISTS "${SURD_PLOTLY_JS}")
  message(FATAL_ERROR "plotly.js: expected ${SURD_PLOTLY_JS}, found no such file.\n"
    "Run jobs/setup, or give a copy of your own: cmake -DSURD_PLOTLY_JS=/path/to/plotly.min.js")
endif()

# surd_embed(TARGET SYMBOL FILE ...): an object library with the bytes of each file, from SYMBOL up
# to SYMBOL_end.
function(surd_embed target)
  set(assembly "")
  set(files "")
  set(rest ${ARGN})
  while(rest)
    list(POP_FRONT rest symbol file)
    list(APPEND files "${file}")
    string(APPEND assembly ".global ${symbol}, ${symbol}_end\n${symbol}:\n"
      ".incbin \"${file}\"\n${symbol}_end:\n.byte 0\n")
  endwhile()
  set(source "${CMAKE_CURRENT_BINARY_DIR}/${target}.s")
  file(CONFIGURE OUTPUT "${source}" CONTENT
    ".section .rodata\n${assembly}.section .note.GNU-stack,\"\",%progbits\n" @ONLY)
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${files}")
  add_library(${target} OBJECT "${source}")
endfunction()
