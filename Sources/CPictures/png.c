// PNG (ISO/IEC 15948) by libpng. Its errors are jumps, which begin and end in this file.
#include "CPictures.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t left;
  char *message;
} lk_source;

static void lk_fail(png_structp png, png_const_charp text) {
  const lk_source *source = png_get_error_ptr(png);
  snprintf(source->message, LK_PICTURE_MESSAGE, "%s", text);
  png_longjmp(png, 1);
}

static void lk_pass_over(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void lk_take(png_structp png, png_bytep target, size_t count) {
  lk_source *source = png_get_io_ptr(png);
  if (count > source->left) png_error(png, "it ends too early");
  memcpy(target, source->bytes, count);
  source->bytes += count;
  source->left -= count;
}

// The pixels as 8 bits of grey or of red, green and blue.
static void lk_decode(png_structp png, png_infop info, const lk_picture *picture, uint8_t *pixels) {
  const int color = png_get_color_type(png, info);
  if (color == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (color == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, info);
  const size_t row = (size_t)picture->width * (size_t)picture->channels;
  if (png_get_rowbytes(png, info) != row) png_error(png, "rows of another length than its header says");
  for (int pass = 0; pass < passes; pass++)
    for (int32_t y = 0; y < picture->height; y++) png_read_row(png, pixels + (size_t)y * row, NULL);
  png_read_end(png, NULL);
}

int lk_png_read(const uint8_t *bytes, size_t count, lk_picture *picture, uint8_t *pixels, char *message) {
  lk_source source = {bytes, count, message};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &source, lk_fail, lk_pass_over);
  png_infop info = png ? png_create_info_struct(png) : NULL;
  if (!info) {
    png_destroy_read_struct(&png, NULL, NULL);
    snprintf(message, LK_PICTURE_MESSAGE, "libpng has no memory, or is another than the one built with");
    return 0;
  }
  if (setjmp(png_jmpbuf(png))) {
    png_destroy_read_struct(&png, &info, NULL);
    return 0;
  }
  png_set_read_fn(png, &source, lk_take);
  png_set_user_limits(png, 1000000, 1000000);
  // Of no use here, and the larger part of what a damaged file could do harm with.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  // Some programs promise zlib a smaller window than they use.
  png_set_option(png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
  png_read_info(png, info);
  picture->height = (int32_t)png_get_image_height(png, info);
  picture->width = (int32_t)png_get_image_width(png, info);
  picture->channels = png_get_color_type(png, info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  picture->row_bytes = (int64_t)png_get_rowbytes(png, info);
  if (pixels) lk_decode(png, info, picture, pixels);
  png_destroy_read_struct(&png, &info, NULL);
  return 1;
}

// The same picture to libpng's writer, which catches its own jumps.
static png_image lk_image(const lk_picture *picture) {
  png_image image;
  memset(&image, 0, sizeof image);
  image.version = PNG_IMAGE_VERSION;
  image.width = (png_uint_32)picture->width;
  image.height = (png_uint_32)picture->height;
  image.format = picture->channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  return image;
}

size_t lk_png_most(const lk_picture *picture) {
  const png_image image = lk_image(picture);
  return PNG_IMAGE_PNG_SIZE_MAX(image);
}

size_t lk_png_write(const uint8_t *pixels, const lk_picture *picture, uint8_t *bytes) {
  png_image image = lk_image(picture);
  png_alloc_size_t count = PNG_IMAGE_PNG_SIZE_MAX(image);
  return png_image_write_to_memory(&image, bytes, &count, 0, pixels, 0, NULL) ? count : 0;
}
