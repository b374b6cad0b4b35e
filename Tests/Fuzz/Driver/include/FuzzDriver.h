#ifndef FUZZ_DRIVER_H
#define FUZZ_DRIVER_H

#include <stddef.h>
#include <stdint.h>

/// libFuzzer, called as a function: https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library
///
/// It calls `input` with one text after the other, for ever or as long as the arguments say, and ends the process at
/// the first that traps.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*input)(const uint8_t *bytes, size_t count));

#endif
