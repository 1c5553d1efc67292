# Compiler flags, and nfr_library(): every library of the firmware is made by it.

# -fno-strict-aliasing: plans are read in place as structures and the arena holds ranges of several types, one after the
# other at one address; both are defined by this flag and not by C11 alone.
# -fno-math-errno: float code (quantize) needs no errno. -ffp-contract=off: a fused multiply-add rounds otherwise than the reference.
add_library(nfr_flags INTERFACE)
target_compile_options(nfr_flags INTERFACE
  ${NFR_OPTIMIZE} -g -Wall -Wextra -Wconversion -Wshadow -Wundef -Wstrict-prototypes -Wvla -Werror
  -fno-strict-aliasing -fno-math-errno -ffp-contract=off -ffunction-sections -fdata-sections)
if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  target_compile_options(nfr_flags INTERFACE -Wno-sign-conversion) # gcc does not count it among conversions in C
endif()
target_compile_features(nfr_flags INTERFACE c_std_11)
if(NFR_TRACE)
  target_compile_definitions(nfr_flags INTERFACE NFR_TRACE)
endif()
if(NFR_SANITIZE)
  target_compile_options(nfr_flags INTERFACE -fsanitize=${NFR_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(nfr_flags INTERFACE -fsanitize=${NFR_SANITIZE})
endif()

set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# nfr_library(<name> [OBJECT] <sources…>): a static library, or objects for several; position independent on the host so that libnfr.so
# can hold it.
function(nfr_library name)
  set(kind STATIC)
  if(ARGV1 STREQUAL OBJECT)
    set(kind)
  endif()
  add_library(${name} ${kind} ${ARGN})
  target_link_libraries(${name} PRIVATE nfr_flags)
  if(NOT CMAKE_CROSSCOMPILING)
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
endfunction()
