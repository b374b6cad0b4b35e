import LockstepDeclarations
import LockstepKernels
import LockstepModel

/// How pictures are varied before they are trained on, each time otherwise: what changes a picture without changing
/// what it shows. Evaluation, prediction, recalibration, diagnosis and an initialisation by the data see them as they
/// are.
///
/// ```
/// x ← (1 + u₁) x + u₂,  u₁ ~ U(−contrast, contrast),  u₂ ~ U(−brightness, brightness)
/// ```
///
/// Then left and right are exchanged with probability ½ (`flip`), the picture is moved (`crop`), and a square of it is
/// blanked (`cutout`). Numbers are those that the network takes: where features are standardised, 0 is their mean, and
/// brightness counts standard deviations.
///
/// What is drawn follows from the seed, the step and the row of the batch: no bit depends on threads, on
/// `Trainer.Options.accumulate`, nor on where a run was stopped.
public struct Augmentation: Sendable, Equatable {
  /// Which way a picture may be mirrored; nil for none.
  public var flip: Flip?
  /// Moves it; nil for not.
  public var crop: Crop?
  /// Blanks a square of it; nil for none.
  public var cutout: Cutout?
  /// The largest number that is added to a picture.
  public var brightness: Float
  /// By how much the factor of a picture differs from 1 at most; 0 to 1.
  public var contrast: Float

  /// Which way a picture is mirrored.
  public enum Flip: String, Sendable, CaseIterable {
    /// Left and right are exchanged.
    case horizontal
  }

  /// A random window, of the size of the picture, on the picture with zeros around it — He, Zhang, Ren, Sun 2015,
  /// https://arxiv.org/abs/1512.03385, section 4.2.
  public struct Crop: Sendable, Equatable {
    /// Zeros on every side, fewer than a side has pixels.
    public var padding: Int

    /// - Parameter padding: zeros on every side, fewer than a side has pixels.
    public init(padding: Int = 4) { self.padding = padding }
  }

  /// A square about a random pixel becomes 0, as far as it lies within — DeVries, Taylor 2017,
  /// https://arxiv.org/abs/1708.04552
  public struct Cutout: Sendable, Equatable {
    /// Its side in pixels, at most the shorter one of the picture.
    public var size: Int

    /// - Parameter size: its side in pixels, at most the shorter one of the picture.
    public init(size: Int = 8) { self.size = size }
  }

  /// Nothing, unless it is said otherwise.
  public init(
    flip: Flip? = nil, crop: Crop? = nil, cutout: Cutout? = nil, brightness: Float = 0, contrast: Float = 0
  ) {
    (self.flip, self.crop, self.cutout) = (flip, crop, cutout)
    (self.brightness, self.contrast) = (brightness, contrast)
  }
}

extension Augmentation.Crop: Declared {
  package static let noun = "crop"

  package static let declarations = [
    Declaration<Augmentation.Crop>(
      "crop", Augmentation.Crop(), main: "padding", "a random window on the picture with zeros around it",
      Setting.integer("padding", IntegerRule(1...1 << 12), "zeros on every side"),
      make: { Augmentation.Crop(padding: $0) }, take: { $0.padding })
  ]
}

extension Augmentation.Cutout: Declared {
  package static let noun = "cutout"

  package static let declarations = [
    Declaration<Augmentation.Cutout>(
      "cutout", Augmentation.Cutout(), main: "size", "a square about a random pixel becomes 0",
      Setting.integer("size", IntegerRule(1...1 << 12), "its side in pixels"),
      make: { Augmentation.Cutout(size: $0) }, take: { $0.size })
  ]
}

extension Augmentation {
  package static let flip = Setting.word("flip", Flip.self, "mirrors a picture with probability 1/2")
  package static let brightness = Setting.single("brightness", .nonNegative, "the largest number that is added")
  package static let contrast = Setting.single(
    "contrast", .fraction, "by how much a factor of all numbers differs from 1 at most")

  /// What is wrong with its settings.
  package var problems: [SettingProblem] {
    (crop?.problems ?? []) + (cutout?.problems ?? []) + Self.brightness.problems(of: brightness)
      + Self.contrast.problems(of: contrast)
  }

  /// What is wrong with it for samples of some shape, its settings being right.
  package func problem(on shape: Shape) -> SettingProblem? {
    guard case .image(let height, let width, _) = shape else {
      return SettingProblem(
        found: "it beside samples of \(shape.phrase)", expected: "images, whose pixels have neighbours")
    }
    let side = min(height, width)
    if let crop, crop.padding >= side {
      return SettingProblem(
        ["crop", "padding"], found: "\(crop.padding)",
        expected: "less than \(side), the shorter side of \(shape.phrase)")
    }
    if let cutout, cutout.size > side {
      return SettingProblem(
        ["cutout", "size"], found: "\(cutout.size)",
        expected: "at most \(side), the shorter side of \(shape.phrase)")
    }
    return nil
  }

  /// What it comes to for images of a shape; nil where samples are none, or it changes nothing.
  func variation(of shape: Shape, seed: UInt64) -> PictureVariation? {
    guard case .image(let height, let width, let channels) = shape, self != Augmentation() else { return nil }
    return PictureVariation(
      height: height, width: width, channels: channels, mirrors: flip == .horizontal, padding: crop?.padding ?? 0,
      cutout: cutout?.size ?? 0, brightness: brightness, contrast: contrast, seed: seed)
  }
}
