// Figures and strokes: see "Pictures" in CKernelsData.h.
#include "picture.h"

#pragma STDC FP_CONTRACT OFF

// Figures of area 1: the radius of the disc; half a side of the square; the radius of the circle inside the triangle;
// half the length of the cross, whose bars are a third as wide as long; the radius of the circle inside the pentagon
// between the star's tips.
static const float extent[LK_FIGURES] = {0.56418958f, 0.5f, 0.43869134f, 0.67082039f, 0.29165894f};
static const float reach[LK_FIGURES] = {0.56418958f, 0.70710678f, 0.87738267f, 0.70710678f, 0.94382816f};

float lk_figure_reach(lk_figure figure) { return reach[figure]; }

// A thing that is drawn, in pixels.
typedef struct {
  int is_stroke, is_outlined;
  lk_figure figure;
  float middle[2]; // down, right
  float reach;     // of what is inside; of a stroke half its length
  float extent;    // see above
  float half;      // the pen's
  float down[5], right[5]; // unit vectors; of a star and a triangle those at right angles to the sides
} lk_thing;

#define LK_MAXIMUM(a, b) LK_SELECT((lk_i32x16)((a) > (b)), b, a)
#define LK_MINIMUM(a, b) LK_SELECT((lk_i32x16)((a) < (b)), b, a)
#define LK_ABSOLUTE(a) ((lk_f32x16)((lk_u32x16)(a) & 0x7FFFFFFFu))

// How far points are outside a thing, `down` and `right` of its middle.
LK_INLINE void lk_distance(const lk_thing *thing, const lk_f32x16 *down, const lk_f32x16 *right, lk_f32x16 *distance) {
  const lk_f32x16 y = *down, x = *right, zero = 0.0f, extent = thing->extent;
  lk_f32x16 along[5], d;
  for (int k = 0; k < 5; k++)
    along[k] = __builtin_elementwise_fma((lk_f32x16)thing->right[k], x, thing->down[k] * y);
  const lk_f32x16 a = LK_ABSOLUTE(along[0]), b = LK_ABSOLUTE(along[1]);
  if (thing->is_stroke) {
    lk_f32x16 beyond = a - thing->reach;
    beyond = LK_MAXIMUM(beyond, zero);
    d = __builtin_elementwise_sqrt(__builtin_elementwise_fma(beyond, beyond, b * b)) - thing->half;
    *distance = d;
    return;
  }
  switch (thing->figure) {
  case LK_DISC: d = __builtin_elementwise_sqrt(__builtin_elementwise_fma(x, x, y * y)) - extent; break;
  case LK_SQUARE: d = LK_MAXIMUM(a, b) - extent; break;
  case LK_TRIANGLE: {
    d = LK_MAXIMUM(along[0], along[1]);
    d = LK_MAXIMUM(d, along[2]) - extent;
    break;
  }
  case LK_CROSS: {
    const lk_f32x16 narrow = extent * 0.33333334f, a_long = a - extent, b_long = b - extent, a_wide = a - narrow;
    const lk_f32x16 b_wide = b - narrow, first = LK_MAXIMUM(a_long, b_wide), second = LK_MAXIMUM(a_wide, b_long);
    d = LK_MINIMUM(first, second);
    break;
  }
  case LK_STAR: {
    // Inside are the points that at most one of the five sides' lines leaves out.
    lk_f32x16 largest = LK_MAXIMUM(along[0], along[1]), next = LK_MINIMUM(along[0], along[1]);
    for (int k = 2; k < 5; k++) {
      const lk_f32x16 less = LK_MINIMUM(largest, along[k]);
      next = LK_MAXIMUM(next, less);
      largest = LK_MAXIMUM(largest, along[k]);
    }
    d = next - extent;
    break;
  }
  }
  if (thing->is_outlined) d = LK_ABSOLUTE(d) - thing->half;
  *distance = d;
}

LK_INLINE void lk_place(lk_thing *thing, const uint32_t *words, const long cell[2][2], uint32_t step) {
  for (int axis = 0; axis < 2; axis++) {
    const float side = (float)cell[axis][1], free = side - 2.0f * thing->reach;
    const float off = (lk_unit(words[axis]) - 0.5f) * (free < 0.0f ? 0.0f : free);
    thing->middle[axis] = (float)cell[axis][0] + (0.5f * side + off);
  }
  const lk_u32x16 fifths = {0, 1, 2, 3, 4}, turn = words[2] + step * fifths;
  lk_f32x16 cosine, sine;
  lk_cos_sin_turn(&turn, &cosine, &sine);
  for (int k = 0; k < 5; k++) {
    thing->right[k] = cosine[k];
    thing->down[k] = sine[k];
  }
}

LK_INLINE void lk_draw(const lk_canvas *picture, const lk_thing *thing, const float *colour, float *x) {
  const lk_f32x16 lanes = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}, zero = 0.0f, one = 1.0f;
  // All that can be covered lies within: a star's tip, of a tenth of a turn, moves by 1 / sin(pi / 10) times what its
  // sides do.
  const float margin = thing->reach + 3.25f * (thing->half + 0.5f);
  long first[2], end[2];
  for (int axis = 0; axis < 2; axis++) {
    const float low = thing->middle[axis] - margin, high = thing->middle[axis] + margin;
    const long sides = axis == 0 ? picture->height : picture->width;
    first[axis] = low < 0.0f ? 0 : (long)low;
    end[axis] = (long)high + 1 < sides ? (long)high + 1 : sides;
  }
  float cover[LK_PICTURE_WIDTH + 16];
  for (long i = first[0]; i < end[0]; i++) {
    const lk_f32x16 down = (float)i + 0.5f - thing->middle[0];
    for (long j = first[1]; j < end[1]; j += 16) {
      const lk_f32x16 right = lanes + ((float)j + 0.5f - thing->middle[1]);
      lk_f32x16 d;
      lk_distance(thing, &down, &right, &d);
      d = 0.5f - d;
      d = LK_MAXIMUM(d, zero);
      d = LK_MINIMUM(d, one);
      memcpy(cover + (j - first[1]), &d, sizeof d);
    }
    lk_paint(end[1] - first[1], picture->channels, cover, colour, 1.0f,
             x + (i * picture->width + first[1]) * picture->channels);
  }
}

LK_KERNEL(void, lk_drawing_rows, (const lk_drawing *drawing, long rows, const long *samples, const uint32_t key[2],
                                  const float *labels, float *x), (drawing, rows, samples, key, labels, x)) {
  const lk_canvas *picture = &drawing->picture;
  const long count = picture->height * picture->width * picture->channels;
  lk_round_keys keys;
  lk_make_round_keys(key, &keys);
  for (long r = 0; r < rows; r++, x += count) {
    uint32_t counter[3], words[2 * LK_BLOCK];
    lk_sample_counter(samples[r], counter);
    lk_element_words(&keys, counter, 1, words);
    lk_element_words(&keys, counter, 2, words + LK_BLOCK);
    const float noise = picture->noise;
    LK_ELEMENTWISE for (long e = 0; e < count; e++) x[e] *= noise;
    const long label = (long)labels[r], figures = 1 + label / (LK_FIGURES * LK_FIGURE_STYLES);
    const long sides[2] = {picture->height, picture->width};
    for (long t = 0; t < LK_FIGURE_COUNTS + LK_STROKES; t++) {
      if (t == figures) t = LK_FIGURE_COUNTS;
      const uint32_t *own = words + 8 * t;
      lk_thing thing = {0};
      thing.is_stroke = t >= LK_FIGURE_COUNTS;
      thing.is_outlined = (int)(label / LK_FIGURES % LK_FIGURE_STYLES);
      thing.figure = (lk_figure)(label % LK_FIGURES);
      thing.half = 0.5f * drawing->thickness;
      long cell[2][2] = {{0, sides[0]}, {0, sides[1]}};
      uint32_t step = 1u << 30;
      if (thing.is_stroke) {
        const long shorter = sides[0] < sides[1] ? sides[0] : sides[1];
        const float length = __builtin_fmaf(drawing->stroke_range, lk_unit(own[3]), drawing->stroke_low);
        thing.reach = 0.5f * (float)shorter * length;
      } else {
        const int several = figures > 1;
        for (int axis = 0; several && axis < 2; axis++) {
          const long quarter = (t + (words[7] >> 30)) & 3, place = axis == 0 ? quarter >> 1 : quarter & 1;
          cell[axis][0] = place * (sides[axis] / 2);
          cell[axis][1] = place == 0 ? sides[axis] / 2 : sides[axis] - sides[axis] / 2;
        }
        const long shorter = cell[0][1] < cell[1][1] ? cell[0][1] : cell[1][1];
        const float size =
            (float)shorter * __builtin_fmaf(drawing->range[several], lk_unit(own[3]), drawing->low[several]);
        thing.reach = size * reach[thing.figure];
        thing.extent = size * extent[thing.figure];
        if (thing.figure == LK_TRIANGLE) step = 0x55555555u;
        if (thing.figure == LK_STAR) step = 0x33333333u;
      }
      float colour[LK_PICTURE_CHANNELS];
      lk_place(&thing, own, (const long(*)[2])cell, step);
      lk_colour(picture, own + 4, colour);
      lk_draw(picture, &thing, colour, x);
    }
  }
}
