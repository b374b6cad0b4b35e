internal import CKernels

/// How training pictures are varied, by the step and the row of the batch alone: CKernelsData.h has the formulas.
/// Nothing allocates.
package struct PictureVariation: Sendable {
  /// Numbers of a picture: room for so many is needed beside the rows.
  package let count: Int
  private let key: RandomKey
  private let inC: lk_augmentation

  /// - Parameters:
  ///   - mirrors: whether left and right are exchanged, with probability ½.
  ///   - padding: zeros on every side of which a window is moved; fewer than a side has pixels.
  ///   - cutout: the side of a square that becomes 0; 0 for none.
  ///   - brightness: the largest number that is added.
  ///   - contrast: the most by which a factor about 1 differs from it.
  package init(
    height: Int, width: Int, channels: Int, mirrors: Bool, padding: Int, cutout: Int, brightness: Float,
    contrast: Float, seed: UInt64
  ) {
    precondition(height > 0 && width > 0 && channels > 0 && padding >= 0 && cutout >= 0)
    precondition(padding < min(height, width), "a window beside the picture")
    count = height * width * channels
    key = RandomKey(seed: seed, purpose: .augmentation)
    inC = lk_augmentation(
      height: height, width: width, channels: channels, mirrors: mirrors ? 1 : 0, padding: padding, cutout: cutout,
      brightness: brightness, contrast: contrast)
  }

  /// Varies some rows of a batch.
  ///
  /// - Parameters:
  ///   - x: a picture a row.
  ///   - row: that of the first in the batch.
  ///   - scratch: `count` numbers, which it overwrites.
  package func vary(_ x: Matrix, from row: Int, step: UInt64, scratch: Vector) {
    precondition(x.columns == count && scratch.count >= count && row >= 0)
    var augmentation = inC
    key.withPointer {
      lk_augment_rows(&augmentation, $0, step, row, x.rows, x.stride, x.base, scratch.base)
    }
  }
}
