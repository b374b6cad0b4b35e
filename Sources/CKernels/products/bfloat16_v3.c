// Products in bfloat16 by AVX2 and FMA.
#ifdef __x86_64__
#include "../finish.h"
#include "../lanes.h"
#include "bfloat16.h"
#include "blocks.h"
#include "tile_bfloat16_v3.h"
#define LK_PRODUCTS lk_bfloat16_products_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "products.h"
#pragma clang attribute pop
#endif
