import LockstepFormats
import LockstepModel

extension DataSurvey {
  /// Samples of a class, and of all others, that a pixel is held against, at least.
  private static let fewest = 20

  /// Whether one pixel tells a class from all others by itself: a border, a stamp, the colour of a scanner. As a
  /// column's, a table of the pixel's values is made of every other sample, and held against the rest.
  func tellingPixel() -> Check {
    guard case .classification(let count) = set.task else {
      return Check(.tellingColumn, .skipped, [], "Inputs are images, and targets no classes.")
    }
    let owners = (0..<rows).map { Int(targets[$0, 0]) }
    let learned = Array(stride(from: 0, to: rows, by: 2))
    let held = Array(stride(from: 1, to: rows, by: 2))
    var sizes = [Int](repeating: 0, count: count)
    for row in held { sizes[owners[row]] += 1 }
    // What a constant leaves of a class against all others.
    let left = sizes.map { min($0, held.count - $0) }
    let asked = left.indices.filter { left[$0] >= Self.fewest }
    if asked.isEmpty {
      return Check(
        .tellingColumn, .skipped, [],
        "Of \(rows) samples no class has the \(2 * Self.fewest) that a pixel is held against.")
    }
    var best = (share: -Double.infinity, input: 0, owner: 0)
    for input in 0..<set.features where moments[input].deviation > 0 {
      let parts = parts(of: input)
      let values = (parts.max() ?? 0) + 1
      var (counts, all) = ([Int](repeating: 0, count: values * count), [Int](repeating: 0, count: values))
      for row in learned {
        counts[parts[row] * count + owners[row]] += 1
        all[parts[row]] += 1
      }
      for owner in asked {
        let errors = held.count { row in
          (2 * counts[parts[row] * count + owner] > all[parts[row]]) != (owners[row] == owner)
        }
        let share = 1 - Double(errors) / Double(left[owner])
        if share > best.share { best = (share, input, owner) }
      }
    }
    if !best.share.isFinite { return Check(.tellingColumn, .skipped, [], "No pixel moves.") }
    let (width, channels) = (set.shape.sides[1], set.shape.channels)
    let (pixel, channel) = (best.input / channels, best.input % channels)
    let place = "row \(pixel / width), column \(pixel % width)\(channels > 1 ? ", channel \(channel)" : "")"
    let figures = [Check.Figure("explained", best.share), Check.Figure("column", Double(best.input))]
    let words =
      "The pixel in \(place) by itself explains \(Format.percent(max(0, best.share))) of what tells \(title(ofClass: best.owner)) from all others"
    if best.share >= Self.explained {
      return Check(
        .tellingColumn, .fault, figures, "\(words).",
        remedy: "Look at pictures of that class: a border, a stamp, or the colour of where they were taken tells it.")
    }
    return Check(.tellingColumn, .passed, figures, "\(words); no other tells more of a class.")
  }
}
