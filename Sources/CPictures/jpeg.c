// JPEG (ITU-T T.81) by libjpeg-turbo, through TurboJPEG, which returns its errors.
#include "CPictures.h"

#include <stdio.h>
#include <turbojpeg.h>

int lk_jpeg_read(const uint8_t *bytes, size_t count, lk_picture *picture, uint8_t *pixels, char *message) {
  tjhandle handle = tjInitDecompress();
  if (!handle) {
    snprintf(message, LK_PICTURE_MESSAGE, "%s", tjGetErrorStr2(NULL));
    return 0;
  }
  int height = 0, width = 0, subsampling = 0, colors = -1;
  // A ratio of its channels' sizes that TurboJPEG has no name for is an error to it, but is decoded like any other.
  tjDecompressHeader3(handle, bytes, count, &width, &height, &subsampling, &colors);
  int is_read = height > 0 && width > 0 && colors >= 0;
  if (is_read) {
    const int is_cmyk = colors == TJCS_CMYK || colors == TJCS_YCCK;
    *picture = (lk_picture){height, width, is_cmyk ? 4 : colors == TJCS_GRAY ? 1 : 3, 0};
    if (pixels && !is_cmyk)
      is_read = tjDecompress2(handle, bytes, count, pixels, width, 0, height, colors == TJCS_GRAY ? TJPF_GRAY : TJPF_RGB,
                              TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) == 0;
  }
  if (!is_read) snprintf(message, LK_PICTURE_MESSAGE, "%s", tjGetErrorStr2(handle));
  tjDestroy(handle);
  return is_read;
}
