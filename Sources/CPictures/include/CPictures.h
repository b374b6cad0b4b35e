// Pictures out of bytes, and bytes of a PNG out of pictures, by libpng and libjpeg-turbo. Each function can be called
// on several threads at once; none keeps state, ends the process, or lets libpng's jumps out.
#ifndef LOCKSTEP_PICTURES_H
#define LOCKSTEP_PICTURES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// What a picture's header says.
typedef struct {
  int32_t height, width;
  int32_t channels;  // of the pixels that are given: 1 for grey, 3 for colours; 4 for CMYK, which is not decoded
  int64_t row_bytes; // of a row as a PNG packs it; 0 for a JPEG
} lk_picture;

// Bytes of a message, its end included.
enum { LK_PICTURE_MESSAGE = 200 };

// Reads the header of `count` bytes; where `pixels` is not NULL, all of them into its height * width * channels bytes:
// 8 bits a channel, rows from the top, without padding. Returns 1, or 0 and what is wrong in `message`.
//
// A palette is looked up, fewer bits are scaled to 8, of 16 the higher 8 are taken, and transparency is passed over, as
// are gamma and colour profiles. Every chunk's checksum counts that the pixels follow from.
int lk_png_read(const uint8_t *bytes, size_t count, lk_picture *picture, uint8_t *pixels, char *message);
// Colours are upsampled smoothly, the transform is the slow and accurate one. What is only a warning to libjpeg, an end
// before the last pixel or a damaged code, is an error, and so are more than 500 scans. An orientation that a camera
// has noted is passed over.
int lk_jpeg_read(const uint8_t *bytes, size_t count, lk_picture *picture, uint8_t *pixels, char *message);

// The most bytes that a PNG of a picture of this size takes; its height, width and channels count, 1 or 3.
size_t lk_png_most(const lk_picture *picture);
// Writes the height * width * channels bytes `pixels` as a PNG into `bytes`, which has room for the most. Returns how
// many it takes, 0 where libpng has no memory.
size_t lk_png_write(const uint8_t *pixels, const lk_picture *picture, uint8_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
