import LockstepKernels

/// Pictures of a fine grating whose contrast a coarse one modulates, at random phases, colours and frequencies. The
/// class is the pair of their directions: the fine one's is seen in a patch of a few pixels, the coarse one's only in
/// how the contrast of such patches changes across the picture. At every pixel the mean of every class is 0, and the
/// variance the same, so a linear model knows nothing.
///
/// Standardised numbers are divided by √(¾ · 7/12 + noise²).
enum Textures {
  /// More would be told apart by less than their directions vary.
  static let maximumClasses = 64

  /// The kernel that draws them.
  static func kernel(
    _ settings: SyntheticSpecification.Generator.PictureSettings, classes: Int, isStandardized: Bool, task: RandomKey
  ) -> TextureKernel {
    let meanSquare = TextureKernel.variance * PictureFormat.meanSquareOfColour
    return TextureKernel(
      PictureFormat(settings, meanSquare: meanSquare, isStandardized: isStandardized),
      directions: directions(classes: classes, task), carrier: 0.2...0.3, envelope: 0.05...0.08)
  }

  /// The pairs of the classes: of ⌈√classes⌉ directions of the envelope and as many of the carrier as are needed,
  /// evenly spaced over half a turn from a random one on, a random draw without repetition.
  private static func directions(classes: Int, _ task: RandomKey) -> [(carrier: UInt32, envelope: UInt32)] {
    var envelopes = 1
    while envelopes * envelopes < classes { envelopes += 1 }
    let carriers = (classes + envelopes - 1) / envelopes
    let first = task.stream(0).words(count: 2)
    let order = KeyedPermutation(count: carriers * envelopes, stream: task.stream(1))
    return (0..<classes).map { k in
      let (envelope, carrier) = order[k].quotientAndRemainder(dividingBy: carriers)
      let half = 1 << 31
      return (
        first[0] &+ UInt32(carrier * half / carriers), first[1] &+ UInt32(envelope * half / envelopes)
      )
    }
  }
}
