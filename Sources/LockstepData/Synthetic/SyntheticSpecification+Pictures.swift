import LockstepDeclarations
import LockstepKernels
import LockstepModel

extension SyntheticSpecification.Generator {
  static let sides = IntegerRule(16...PictureFormat.maximumSide)

  /// What its samples are, where they are pictures.
  package var pictures: Shape? {
    pictureSettings.map { .image(height: $0.height, width: $0.width, channels: $0.channels) }
  }

  /// Numbers of a picture, 0 where its sides are impossible; nil where samples are no pictures.
  package var pictureNumbers: Int? {
    guard let (height, width, channels, _) = pictureSettings else { return nil }
    let isPossible = [height, width].allSatisfy(Self.sides.range.contains) && (1...3).contains(channels)
    return isPossible ? height * width * channels : 0
  }

  typealias PictureSettings = (height: Int, width: Int, channels: Int, noise: Double)

  var pictureSettings: PictureSettings? {
    switch self {
    case .textures(let height, let width, let channels, let noise),
      .shapes(let height, let width, let channels, let noise):
      (height, width, channels, noise)
    case .gaussianClusters, .teacher, .spirals, .sparseParity, .friedman: nil
    }
  }

  /// The most classes of its pictures.
  var mostPictureClasses: Int {
    if case .textures = self { Textures.maximumClasses } else { Drawings.maximumClasses }
  }

  static func picturesDeclaration(
    _ standard: SyntheticSpecification.Generator, _ sentence: String,
    make: @escaping @Sendable (Int, Int, Int, Double) -> SyntheticSpecification.Generator
  ) -> Declaration<SyntheticSpecification.Generator> {
    let isTextures = if case .textures = standard { true } else { false }
    return Declaration(
      isTextures ? "textures" : "shapes", standard, sentence,
      Setting.integer("height", sides, "rows of pixels"), Setting.integer("width", sides, "pixels of a row"),
      Setting.integer("channels", IntegerRule(1...3), "numbers of a pixel: 1, grey, or 3"),
      Setting.number("noise", .nonNegative, "the standard deviation of what is added to every number"), make: make,
      take: {
        let isMine = if case .textures = $0 { isTextures } else { !isTextures }
        return isMine ? $0.pictureSettings : nil
      },
      problems: { value in
        value.pictureSettings?.channels == 2
          ? [SettingProblem(["channels"], found: "2", expected: "1, grey, or 3")] : []
      })
  }
}
