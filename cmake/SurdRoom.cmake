# Rooms and programs. What they name here is what they may include: surd_write_rooms tells it to
# tests/architecture and to docs/rooms.svg.
add_library(surd_options INTERFACE)
target_compile_options(surd_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
  -Wno-sign-conversion -Wnon-virtual-dtor $<$<BOOL:${SURD_WARNINGS_AS_ERRORS}>:-Werror>)
if(SURD_SANITIZE)
  target_compile_options(surd_options INTERFACE -fsanitize=${SURD_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(surd_options INTERFACE -fsanitize=${SURD_SANITIZE})
endif()

# Sources that are compiled a few at a time as one, so that their headers are read once (cmake's
# unity build): half the CPU time from nothing. Off, each file is compiled alone: the preset dev,
# for those who change one file at a time, and clang-tidy.
option(SURD_UNITY "Compile several sources of a room as one" ON)
# surd_unity(TARGET [FILE ...]): all but these files, which name their parts alike.
function(surd_unity target)
  if(SURD_UNITY)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 20)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

# One static library a room, of the sources in its folder.
# surd_room(NAME SOURCES a.cpp ...
#   [ROOMS base ...]          the only rooms that it may include
#   [HEADERS room/file.hpp]   single headers of other rooms, which need nothing linked
#   [LIBRARIES ...]           outside libraries that it wraps and its headers show
#   [PRIVATE ...]             those that no header shows
#   [ROOT folder]             what its includes are counted from; default: the folder around its own
#   [ALONE a.cpp ...])        those compiled each by itself: plug-ins, which name their parts alike
function(surd_room name)
  cmake_parse_arguments(ROOM "" "ROOT" "ALONE;SOURCES;ROOMS;HEADERS;LIBRARIES;PRIVATE" ${ARGN})
  if(NOT ROOM_ROOT)
    get_filename_component(ROOM_ROOT "${CMAKE_CURRENT_SOURCE_DIR}" DIRECTORY)
  endif()
  add_library(surd_${name} STATIC ${ROOM_SOURCES})
  add_library(surd::${name} ALIAS surd_${name})
  surd_unity(surd_${name} ${ROOM_ALONE})
  target_include_directories(surd_${name} PUBLIC "${ROOM_ROOT}" PRIVATE "${CMAKE_SOURCE_DIR}/src")
  list(TRANSFORM ROOM_ROOMS PREPEND surd:: OUTPUT_VARIABLE rooms)
  target_link_libraries(surd_${name} PUBLIC ${rooms} ${ROOM_LIBRARIES}
    PRIVATE surd_options ${ROOM_PRIVATE})
  surd_note(${name} room "${ROOM_ROOT}" "${ROOM_ROOMS}" "${ROOM_HEADERS}"
    "${ROOM_LIBRARIES};${ROOM_PRIVATE}")
  surd_check_headers(${name} "${rooms}" "${ROOM_LIBRARIES};${ROOM_PRIVATE}" "${ROOM_ROOT}")
endfunction()

# surd_program(NAME SOURCES ... ROOMS ... [LIBRARIES ...]): a program in bin/
function(surd_program name)
  cmake_parse_arguments(PROGRAM "" "" "SOURCES;ROOMS;LIBRARIES" ${ARGN})
  add_executable(${name} ${PROGRAM_SOURCES})
  surd_unity(${name})
  target_include_directories(${name} PRIVATE "${CMAKE_SOURCE_DIR}")
  list(TRANSFORM PROGRAM_ROOMS PREPEND surd:: OUTPUT_VARIABLE rooms)
  target_link_libraries(${name} PRIVATE surd_options ${rooms} ${PROGRAM_LIBRARIES})
  surd_note(${name} program "${CMAKE_SOURCE_DIR}" "${PROGRAM_ROOMS}" "" "${PROGRAM_LIBRARIES}")
  surd_check_headers(${name} "${rooms}" "${PROGRAM_LIBRARIES}" "${CMAKE_SOURCE_DIR}")
endfunction()

# The target `headers` compiles every header alone, with what its room may see. It is not part of
# `all`: it takes minutes.
add_custom_target(headers)
function(surd_check_headers name rooms libraries root)
  file(GLOB found CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.hpp")
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true "${CMAKE_CURRENT_SOURCE_DIR}/*")
  foreach(folder ${folders})
    if(IS_DIRECTORY "${folder}" AND NOT EXISTS "${folder}/CMakeLists.txt")
      file(GLOB_RECURSE more CONFIGURE_DEPENDS "${folder}/*.hpp")
      list(APPEND found ${more})
    endif()
  endforeach()
  set(sources "")
  foreach(header ${found})
    file(RELATIVE_PATH included "${root}" "${header}")
    string(REPLACE "/" "_" file "${included}")
    set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${file}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include \"${included}\"\n" @ONLY)
    list(APPEND sources "${source}")
  endforeach()
  if(sources)
    add_library(surd_${name}_headers OBJECT EXCLUDE_FROM_ALL ${sources})
    target_include_directories(surd_${name}_headers PRIVATE "${root}" "${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(surd_${name}_headers PRIVATE surd_options ${rooms} ${libraries})
    target_compile_options(surd_${name}_headers PRIVATE -O0)
    add_dependencies(headers surd_${name}_headers)
  endif()
endfunction()

# Remembers a room or program for surd_write_rooms.
function(surd_note name kind root rooms headers libraries)
  file(RELATIVE_PATH folder "${CMAKE_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  file(RELATIVE_PATH prefix "${root}" "${CMAKE_CURRENT_SOURCE_DIR}")
  set(entry "\"name\": \"${name}\", \"kind\": \"${kind}\"")
  string(APPEND entry ", \"folder\": \"${folder}\", \"prefix\": \"${prefix}/\"")
  foreach(list rooms headers libraries)
    set(words ${${list}})
    list(TRANSFORM words REPLACE "(.+)" "\"\\1\"")
    list(JOIN words ", " text)
    string(APPEND entry ", \"${list}\": [${text}]")
  endforeach()
  set_property(GLOBAL APPEND PROPERTY SURD_ROOMS "{${entry}}")
endfunction()

# Writes rooms.json of the build folder: {"rooms": [{"name", "kind": "room" or "program", "folder",
# "prefix" of its includes, "rooms" and "headers" that it may include, "libraries" that it wraps}]}.
function(surd_write_rooms)
  get_property(entries GLOBAL PROPERTY SURD_ROOMS)
  list(JOIN entries ",\n  " text)
  file(CONFIGURE OUTPUT "${CMAKE_BINARY_DIR}/rooms.json" CONTENT
    "{\"rooms\": [\n  ${text}\n]}\n" @ONLY)
endfunction()
