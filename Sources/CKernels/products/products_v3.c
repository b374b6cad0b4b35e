// Products by AVX2 and FMA.
#ifdef __x86_64__
#include "../finish.h"
#include "../lanes.h"
#include "blocks.h"
#include "tile_float32_v3.h"
#define LK_PRODUCTS lk_products_v3
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#include "products.h"
#pragma clang attribute pop
#endif
