// Convolutions in bfloat16 by AVX2 and FMA.
#ifdef __x86_64__
#include "../lanes.h"
#include "../products/bfloat16.h"
#include "../products/tile_bfloat16_v3.h"
#include "grid.h"
#define LK_CONVOLUTIONS lk_bfloat16_convolutions_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "convolutions.h"
#pragma clang attribute pop
#endif
