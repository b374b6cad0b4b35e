// Convolutions by AVX-512.
#ifdef __x86_64__
#include "../lanes.h"
#include "../products/tile_float32_v4.h"
#include "grid.h"
#define LK_CONVOLUTIONS lk_convolutions_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "convolutions.h"
#pragma clang attribute pop
#endif
