# The outside libraries, each found once. Nothing is downloaded here: jobs/setup installs what is
# missing.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost 1.74 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(MPI REQUIRED COMPONENTS C)
find_package(PkgConfig REQUIRED)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(MUPARSER REQUIRED IMPORTED_TARGET muparser)
pkg_check_modules(HWY REQUIRED IMPORTED_TARGET libhwy)
set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C HL)
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

# The allocator of processes that train; without it glibc's serves, whose heap comes to hold twice
# what is in use. Sanitizers bring their own.
pkg_check_modules(JEMALLOC jemalloc)
add_library(surd_allocator INTERFACE)
add_library(surd::allocator ALIAS surd_allocator)
if(JEMALLOC_FOUND AND NOT SURD_SANITIZE)
  find_library(SURD_JEMALLOC_LIBRARY NAMES jemalloc HINTS ${JEMALLOC_LIBRARY_DIRS} REQUIRED)
  # Nothing refers to it by name: it takes the place of malloc when loaded.
  target_link_libraries(surd_allocator INTERFACE
    "-Wl,--push-state,--no-as-needed,${SURD_JEMALLOC_LIBRARY},--pop-state")
endif()

if(NOT SURD_TORCH)
  return()
endif()

# LibTorch as our own imported targets: find_package(Torch) would want a CUDA toolkit.
if(NOT SURD_TORCH_DIR)
  set(SURD_TORCH_DIR "${SURD_DEPS_DIR}/torch")
endif()
if(NOT EXISTS "${SURD_TORCH_DIR}/include/ATen/ATen.h")
  message(FATAL_ERROR
    "LibTorch: expected ${SURD_TORCH_DIR}/include/ATen/ATen.h, found no such file.\n"
    "Run jobs/setup, or give a LibTorch of your own: cmake -DSURD_TORCH_DIR=/path/to/libtorch "
    "(the folder with include/ and lib/).")
endif()
get_filename_component(SURD_WHEELS_DIR "${SURD_TORCH_DIR}" DIRECTORY)
set(SURD_NVIDIA_DIR "${SURD_WHEELS_DIR}/nvidia")
foreach(library c10 torch_cpu torch)
  add_library(torch_${library} SHARED IMPORTED)
  set_target_properties(torch_${library} PROPERTIES
    IMPORTED_LOCATION "${SURD_TORCH_DIR}/lib/lib${library}.so")
endforeach()
add_library(surd_torch INTERFACE)
add_library(surd::torch ALIAS surd_torch)
# After the system's folders: the wheel brings a newer fmt of its own, which is not the one that the
# other rooms link.
target_compile_options(surd_torch INTERFACE "SHELL:-idirafter ${SURD_TORCH_DIR}/include"
  "SHELL:-idirafter ${SURD_TORCH_DIR}/include/torch/csrc/api/include")
# Each operator has a header of its own; the one with all of them costs 4 s a file.
target_compile_definitions(surd_torch INTERFACE AT_PER_OPERATOR_HEADERS)
target_link_libraries(surd_torch INTERFACE torch_torch_cpu torch_c10 Threads::Threads)
# The wheel's libraries find each other by their own RPATH; the linker needs to be told where the
# CUDA runtime lies.
target_link_options(surd_torch INTERFACE "LINKER:-rpath,${SURD_TORCH_DIR}/lib"
  "LINKER:-rpath-link,${SURD_NVIDIA_DIR}/cu13/lib:${SURD_TORCH_DIR}/lib")
if(SURD_CUDA)
  include(SurdCuda)
endif()
