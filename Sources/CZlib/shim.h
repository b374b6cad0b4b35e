#ifndef LOCKSTEP_ZLIB_SHIM_H
#define LOCKSTEP_ZLIB_SHIM_H
#include <zlib.h>

/// `inflateInit2` is a macro, which Swift does not see.
static inline int lockstep_inflate_begin(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }
#endif
