/// Where the rows of a heat map stand, from the top, and which of them are named.
///
/// A row has room for its name; where they are many, a run of rows that are alike has but one name, and a few pixels a
/// row. Where even that makes more than a phone shows at once, all rows share it evenly, and rows that would be less
/// than a pixel are left out, evenly apart. So a network of any depth makes a picture that is seen at once.
struct HeatMapRows {
  /// The rows that are drawn, with their upper and lower ends in pixels.
  private(set) var drawn: [(row: Int, place: Range<Double>)] = []
  /// Names beside rows, at their middle.
  private(set) var labels: [(text: String, middle: Double)] = []
  /// Runs of rows under one name, as they are drawn.
  private(set) var bands: [Range<Double>] = []
  /// Of all rows, in pixels.
  private(set) var height = 0.0

  /// What a few rows fill, what more may, and a run of alike ones.
  private static let (common, most, band) = (194.0, 360.0, 180.0)
  /// A line of text, and what a row has at most.
  private static let (line, tallest) = (14.0, 97.0)

  /// Fewer rows all have room for their names.
  static let many = 17

  /// - Parameters:
  ///   - names: of the rows.
  ///   - alike: rows that are drawn close together, ascending, and what each run of them is called.
  init(_ names: [String], _ alike: [(rows: Range<Int>, name: String)]) {
    let inside = alike.reduce(0) { $0 + $1.rows.count }
    let single = Double(max(1, names.count - inside))
    // Runs share what the names leave, but a row is to have a pixel.
    let room = Self.common - single * Self.line
    let bands = alike.map { alike in
      let rows = Double(alike.rows.count)
      return min(Self.band, max(2 * Self.line, rows, room * rows / Double(inside)))
    }
    let tall = min(Self.tallest, max(Self.line, (Self.common - bands.reduce(0, +)) / single))
    if bands.reduce(single * tall, +) <= Self.most {
      place(names, alike, bands, tall)
    } else {
      place(evenly: names)
    }
  }

  private mutating func place(
    _ names: [String], _ alike: [(rows: Range<Int>, name: String)], _ heights: [Double], _ tall: Double
  ) {
    var (next, open): (Int, [(row: Int, middle: Double)]) = (0, [])
    func single(until end: Int) {
      while next < end {
        drawn.append((next, height..<height + tall))
        open.append((next, height + tall / 2))
        (next, height) = (next + 1, height + tall)
      }
    }
    for (band, size) in zip(alike, heights) {
      single(until: band.rows.lowerBound)
      draw(band.rows, in: height..<height + size)
      bands.append(height..<height + size)
      labels.append((band.name, height + size / 2))
      (next, height) = (band.rows.upperBound, height + size)
    }
    single(until: names.count)
    name(open, names)
  }

  /// Names that would touch are left out.
  private mutating func place(evenly names: [String]) {
    height = Self.most
    draw(0..<names.count, in: 0..<height)
    let tall = height / Double(names.count)
    let gap = Int((Self.line / tall).rounded(.up))
    name(stride(from: 0, to: names.count, by: gap).map { ($0, (Double($0) + 0.5) * tall) }, names)
  }

  /// Rows side by side, of which none is less than a pixel high.
  private mutating func draw(_ rows: Range<Int>, in place: Range<Double>) {
    let size = place.upperBound - place.lowerBound
    let count = min(rows.count, Int(size))
    for index in 0..<count {
      let (top, end) = (Double(index) / Double(count), Double(index + 1) / Double(count))
      let row = count > 1 ? rows.lowerBound + index * (rows.count - 1) / (count - 1) : rows.lowerBound
      drawn.append((row, place.lowerBound + top * size..<place.lowerBound + end * size))
    }
  }

  /// Both ends of a path say which layer it is: repeat0.13.residual0.dense0 → repeat0.13…dense0.
  private mutating func name(_ rows: [(row: Int, middle: Double)], _ names: [String]) {
    labels += zip(ShortNames.of(rows.map { names[$0.row] }, most: 18), rows).map { ($0, $1.middle) }
  }
}
