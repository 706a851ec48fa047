# One static library a room. Its ROOMS are the only rooms that it may include (tests/architecture checks that).
add_library(surd_options INTERFACE)
target_compile_options(surd_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  $<$<BOOL:${SURD_WARNINGS_AS_ERRORS}>:-Werror>)
if(SURD_SANITIZE)
  target_compile_options(surd_options INTERFACE -fsanitize=${SURD_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(surd_options INTERFACE -fsanitize=${SURD_SANITIZE})
endif()

# surd_room(NAME SOURCES a.cpp ... [ROOMS base ...] [LIBRARIES ...: wrapped outside libraries] [PRIVATE ...: those that no header shows])
function(surd_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;ROOMS;LIBRARIES;PRIVATE" ${ARGN})
  add_library(surd_${name} STATIC ${ROOM_SOURCES})
  add_library(surd::${name} ALIAS surd_${name})
  target_include_directories(surd_${name} PUBLIC "${CMAKE_SOURCE_DIR}/src")
  list(TRANSFORM ROOM_ROOMS PREPEND surd::)
  target_link_libraries(surd_${name} PUBLIC ${ROOM_ROOMS} ${ROOM_LIBRARIES} PRIVATE surd_options ${ROOM_PRIVATE})
endfunction()

# surd_program(NAME SOURCES ... ROOMS ... [LIBRARIES ...]): a program in bin/
function(surd_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  list(TRANSFORM PROGRAM_ROOMS PREPEND surd::)
  target_link_libraries(${name} PRIVATE surd_options ${PROGRAM_ROOMS} ${PROGRAM_LIBRARIES})
endfunction()
