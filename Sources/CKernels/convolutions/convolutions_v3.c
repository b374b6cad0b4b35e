// Convolutions by AVX2 and FMA.
#ifdef __x86_64__
#include "../lanes.h"
#include "../products/tile_float32_v3.h"
#include "grid.h"
#define LK_CONVOLUTIONS lk_convolutions_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "convolutions.h"
#pragma clang attribute pop
#endif
