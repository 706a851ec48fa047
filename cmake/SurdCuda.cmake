# The CUDA side (SURD_CUDA=ON): LibTorch's CUDA libraries, the CUDA runtime and NCCL. No CUDA
# compiler is needed, and no GPU to build. From the wheels in SURD_DEPS_DIR (jobs/setup --cuda), or
# from where CUDA_HOME and NCCL_HOME point, as modules on a cluster set them.
function(surd_find_cuda kind variable name folder home)
  set(hints "${SURD_NVIDIA_DIR}/${folder}" "$ENV{${home}}" "$ENV{CUDA_HOME}" /usr/local/cuda)
  if(kind STREQUAL "header")
    find_path(${variable} NAMES ${name} PATHS ${hints} PATH_SUFFIXES include NO_DEFAULT_PATH)
  else()
    find_file(${variable} NAMES ${name} PATHS ${hints} PATH_SUFFIXES lib lib64 NO_DEFAULT_PATH)
  endif()
  if(NOT ${variable})
    list(GET name 0 first)
    list(JOIN hints ", " hints)
    message(FATAL_ERROR "SURD_CUDA: expected ${first} under one of: ${hints}. Found none.\n"
      "Run jobs/setup --cuda, set CUDA_HOME and NCCL_HOME, or give -D${variable}=...")
  endif()
endfunction()

surd_find_cuda(header SURD_CUDART_INCLUDE_DIR cuda_runtime_api.h cu13 CUDA_HOME)
# A wheel of its own: nvidia-cuda-crt.
surd_find_cuda(header SURD_CUDA_CRT_INCLUDE_DIR crt/host_defines.h cu13 CUDA_HOME)
surd_find_cuda(library SURD_CUDART_LIBRARY "libcudart.so.13;libcudart.so" cu13 CUDA_HOME)
surd_find_cuda(header SURD_NCCL_INCLUDE_DIR nccl.h nccl NCCL_HOME)
surd_find_cuda(library SURD_NCCL_LIBRARY "libnccl.so.2;libnccl.so" nccl NCCL_HOME)
get_filename_component(SURD_CUDART_LIBRARY_DIR "${SURD_CUDART_LIBRARY}" DIRECTORY)
get_filename_component(SURD_NCCL_LIBRARY_DIR "${SURD_NCCL_LIBRARY}" DIRECTORY)

add_library(surd_cudart INTERFACE)
add_library(surd::cudart ALIAS surd_cudart)
target_include_directories(surd_cudart SYSTEM INTERFACE
  "${SURD_CUDART_INCLUDE_DIR}" "${SURD_CUDA_CRT_INCLUDE_DIR}")
target_link_libraries(surd_cudart INTERFACE "${SURD_CUDART_LIBRARY}")
target_link_options(surd_cudart INTERFACE "LINKER:-rpath,${SURD_CUDART_LIBRARY_DIR}")

add_library(surd_nccl INTERFACE)
add_library(surd::nccl ALIAS surd_nccl)
target_include_directories(surd_nccl SYSTEM INTERFACE "${SURD_NCCL_INCLUDE_DIR}")
target_link_libraries(surd_nccl INTERFACE "${SURD_NCCL_LIBRARY}" surd::cudart)
target_link_options(surd_nccl INTERFACE "LINKER:-rpath,${SURD_NCCL_LIBRARY_DIR}")

# Nothing refers to LibTorch's CUDA libraries by name: they register themselves when loaded, so the
# linker must be kept from dropping them.
foreach(library torch_cuda c10_cuda)
  if(NOT EXISTS "${SURD_TORCH_DIR}/lib/lib${library}.so")
    message(FATAL_ERROR
      "SURD_CUDA: expected ${SURD_TORCH_DIR}/lib/lib${library}.so, found no such file: "
      "this LibTorch is for CPUs only.\n"
      "Run jobs/setup --cuda, or give -DSURD_TORCH_DIR=/path/to/a/libtorch with CUDA.")
  endif()
endforeach()
target_link_libraries(surd_torch INTERFACE surd::cudart
  "-Wl,--push-state,--no-as-needed,${SURD_TORCH_DIR}/lib/libtorch_cuda.so,\
${SURD_TORCH_DIR}/lib/libc10_cuda.so,--pop-state")
foreach(folder cu13 cudnn cusparselt nccl nvshmem)
  target_link_options(surd_torch INTERFACE "LINKER:-rpath-link,${SURD_NVIDIA_DIR}/${folder}/lib")
endforeach()
