#ifndef LOCKSTEP_ZSTD_SHIM_H
#define LOCKSTEP_ZSTD_SHIM_H
#include <zstd.h>
#include <zstd_errors.h>
#endif
