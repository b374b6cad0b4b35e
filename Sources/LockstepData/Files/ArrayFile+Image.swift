import LockstepFormats

extension ArrayFile {
  /// How a row is an image: by the axes of the array, [samples, height, width] or three a sample, or because a row of
  /// numbers is said to be one. nil where it is a row of features.
  ///
  /// - Throws: where it is another than `rules` ask for.
  func image(_ rules: SampleRules) throws(DataFileError) -> ImageLayout? {
    // What a model has been trained with is as it was.
    if rules.known != nil, rules.image == nil { return nil }
    let asked = rules.image
    guard let found = ImageLayout(axes: Array(shape.dropFirst()), asked?.order ?? .channelsLast) else {
      guard let asked, asked.count != values.columns else { return asked }
      throw rules.isNoImage(name, "\(values.columns) numbers a sample")
    }
    guard let asked, asked.shape != found.shape else { return found }
    let order: ImageLayout.Order = asked.order == .channelsFirst ? .channelsLast : .channelsFirst
    let turned = ImageLayout(axes: Array(shape.dropFirst()), order)
    let isTurned = turned?.shape == asked.shape
    let hint =
      rules.known == nil
      ? "order: \(order.rawValue)"
      : "numpy.moveaxis(x, \(order == .channelsFirst ? "1, -1" : "-1, 1")) puts the channels where training had them"
    throw rules.isNoImage(name, found.shape.phrase, hint: isTurned ? hint : nil)
  }
}

extension SampleRules {
  /// The error for samples that are not the image that is asked for.
  func isNoImage(_ file: String, _ found: String, hint: String? = nil) -> DataFileError {
    let count = image?.count ?? 0
    return DataFileError(
      file, place: known == nil ? "image" : "", found: found,
      expected:
        "\(image?.shape.phrase ?? ""), \(count) numbers, as \(known == nil ? "data.image says" : "in training")",
      hint: hint)
  }
}

extension ImageLayout {
  /// A word on an image that has its channels last but looks as if they were first: few rows, and more channels than
  /// pictures have.
  var warning: String? {
    guard order == .channelsLast, height <= 4, width > 4, channels > 4 else { return nil }
    return "\(shape.phrase) have more channels than rows: image: {height: \(width), width: \(channels), channels: "
      + "\(height), order: channels_first} says that channels are first"
  }
}
