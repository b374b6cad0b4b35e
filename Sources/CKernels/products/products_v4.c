// Products by AVX-512.
#ifdef __x86_64__
#include "../finish.h"
#include "../lanes.h"
#include "blocks.h"
#include "tile_float32_v4.h"
#define LK_PRODUCTS lk_products_v4
#pragma clang attribute push(__attribute__((target("arch=x86-64-v4"))), apply_to = function)
#include "products.h"
#pragma clang attribute pop
#endif
