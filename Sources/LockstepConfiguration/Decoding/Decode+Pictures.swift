import LockstepData
import LockstepDeclarations

// Folders of pictures.

extension Decode {
  static func pictures(_ fields: inout Fields, _ folder: String) -> PictureSource {
    var source = PictureSource(path: path("path", "the folder, of which a subfolder is a class", &fields, folder))
    let height = fields.optional("height", "rows of pixels, where pictures are brought to a size")
    let width = fields.optional("width", "pixels of a row")
    let (rows, columns) = (height?.integer(PictureSource.side), width?.integer(PictureSource.side))
    if let given = height ?? width, height == nil || width == nil {
      given.report(found: "one side of a picture", expected: "height and width, or neither where all have one size")
    }
    if let rows, let columns { source.size = PictureSource.Size(height: rows, width: columns) }
    let channels = fields.optional("channels", "1 for grey, 3 for colours; by default as the pictures are")
    source.channels = channels?.integer(IntegerRule(1...3))
    if let channels, let problem = source.channelProblem { channels.report(problem) }
    source.fit = fields.word("fit", "how a picture of another size comes to it", default: source.fit)
    return source
  }
}

extension PictureSource {
  fileprivate static let side = IntegerRule(1...1 << 14)

  fileprivate var channelProblem: SettingProblem? {
    channels == nil || channels == 1 || channels == 3
      ? nil : SettingProblem(found: "\(channels ?? 0) channels", expected: "1 or 3")
  }

  /// What is wrong with it, and under which key.
  var problems: [(key: String, problem: SettingProblem)] {
    let sides = size.map { [("height", $0.height), ("width", $0.width)] } ?? []
    return sides.filter { !Self.side.range.contains($0.1) }.map {
      ($0.0, SettingProblem(found: "\($0.1)", expected: Self.side.text))
    } + (channelProblem.map { [("channels", $0)] } ?? [])
  }
}
