import LockstepKernels
import TestSupport
import Testing

/// How training pictures are varied, against the definition in Double.
@Suite struct PictureVariationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var height: Int, width: Int, channels: Int
    var mirrors = false, padding = 0, cutout = 0
    var brightness: Float = 0, contrast: Float = 0

    var testDescription: String {
      "\(height) × \(width) × \(channels), \(mirrors), \(padding), \(cutout), \(brightness), \(contrast)"
    }

    func variation(seed: UInt64) -> PictureVariation {
      PictureVariation(
        height: height, width: width, channels: channels, mirrors: mirrors, padding: padding, cutout: cutout,
        brightness: brightness, contrast: contrast, seed: seed)
    }
  }

  static let cases = [(1, 1, 1), (5, 7, 1), (28, 28, 1), (32, 32, 3), (9, 33, 3), (16, 2, 4)].flatMap { size in
    let side = min(size.0, size.1)
    return [
      Case(height: size.0, width: size.1, channels: size.2),
      Case(height: size.0, width: size.1, channels: size.2, mirrors: true),
      Case(height: size.0, width: size.1, channels: size.2, padding: side - 1),
      Case(height: size.0, width: size.1, channels: size.2, cutout: 1),
      Case(height: size.0, width: size.1, channels: size.2, cutout: side),
      Case(height: size.0, width: size.1, channels: size.2, brightness: 0.3),
      Case(height: size.0, width: size.1, channels: size.2, contrast: 1),
      Case(
        height: size.0, width: size.1, channels: size.2, mirrors: true, padding: (side - 1) / 2, cutout: side / 2,
        brightness: 0.2, contrast: 0.5),
    ]
  }

  /// A picture by definition.
  private static func varied(_ picture: [Float], _ settings: Case, _ stream: RandomStream) -> [Double] {
    let words = stream.words(count: 32)
    func unit(_ i: Int) -> Double { Double(words[i] >> 8) / 0x1p24 }
    func below(_ i: Int, _ count: Int) -> Int { Int((UInt64(words[i]) * UInt64(count)) >> 32) }
    let factor = 1 + Double(settings.contrast) * (2 * unit(5) - 1)
    let shift = Double(settings.brightness) * (2 * unit(6) - 1)
    let isMirrored = settings.mirrors && words[0] >> 31 == 1
    let window = [1, 2].map { below($0, 2 * settings.padding + 1) - settings.padding }
    let square = (below(3, settings.height) - settings.cutout / 2, below(4, settings.width) - settings.cutout / 2)
    var result: [Double] = []
    for i in 0..<settings.height {
      for j in 0..<settings.width {
        let isBlank =
          (square.0..<square.0 + settings.cutout).contains(i) && (square.1..<square.1 + settings.cutout).contains(j)
        let (row, column) = (i + window[0], j + window[1])
        let isInside = (0..<settings.height).contains(row) && (0..<settings.width).contains(column)
        let from = row * settings.width + (isMirrored ? settings.width - 1 - column : column)
        for c in 0..<settings.channels {
          result.append(isBlank || !isInside ? 0 : Double(picture[from * settings.channels + c]) * factor + shift)
        }
      }
    }
    return result
  }

  private static let step: UInt64 = 5 << 32 + 3

  @Test(arguments: cases)
  func rowsAreVariedAsDefined(settings: Case) {
    let (count, rows, first) = (settings.height * settings.width * settings.channels, 24, 7)
    let memory = Arena(count: rows * (count + 3) + count + 64)
    let x = memory.matrix(at: 0, rows: rows, columns: count)
    let scratch = memory.vector(at: rows * (count + 3) + 32, count: count)
    RandomKey(seed: 1, purpose: .probe).stream(0).normal(into: x.elements)
    let before = (0..<rows).map { x.row($0).array }
    settings.variation(seed: 9).vary(x, from: first, step: Self.step, scratch: scratch)
    let key = RandomKey(seed: 9, purpose: .augmentation)
    for r in 0..<rows {
      let expected = Self.varied(before[r], settings, key.stream(Self.step, row: UInt32(first + r)))
      for (found, expected) in zip(x.row(r).array, expected) {
        // Two roundings of numbers below 10.
        #expect(abs(Double(found) - expected) < 2e-6, "row \(r)")
      }
    }
  }

  /// A row's bits follow from its number in the batch, whoever varies it beside which others.
  @Test func rowsDoNotDependOnEachOther() {
    let settings = Case(
      height: 12, width: 19, channels: 3, mirrors: true, padding: 3, cutout: 5, brightness: 0.4, contrast: 0.4)
    let count = settings.height * settings.width * settings.channels
    let variation = settings.variation(seed: 2)
    let memory = Arena(count: 3 * 10 * count)
    let (together, apart) = (
      memory.matrix(at: 0, rows: 10, columns: count), memory.matrix(at: 10 * count, rows: 10, columns: count)
    )
    let scratch = memory.vector(at: 20 * count, count: count)
    RandomKey(seed: 1, purpose: .probe).stream(0).normal(into: together.elements)
    apart.elements.copy(from: together.elements)
    variation.vary(together, from: 100, step: 8, scratch: scratch)
    for rows in [7..<10, 0..<1, 1..<7] {
      variation.vary(apart.rows(rows), from: 100 + rows.lowerBound, step: 8, scratch: scratch)
    }
    #expect(together.elements.array.map(\.bitPattern) == apart.elements.array.map(\.bitPattern))
  }

  /// Half of the pictures are mirrored, and every window and square is as probable as any other.
  @Test func drawsAreUniform() {
    let settings = Case(height: 4, width: 4, channels: 1, mirrors: true, padding: 2)
    let rows = 20_000
    let memory = Arena(count: rows * 16 + 16)
    let x = memory.matrix(at: 0, rows: rows, columns: 16)
    for r in 0..<rows { for i in 0..<16 { x[r, i] = Float(i + 1) } }
    settings.variation(seed: 4).vary(x, from: 0, step: 0, scratch: memory.vector(at: rows * 16, count: 16))
    // Of a 4 × 4 picture the middle pixel (2, 2) and its neighbour stay within every window.
    var windows: [String: Int] = [:]
    var mirrored = 0
    for r in 0..<rows {
      let values = x.row(r).array.map { Int($0) }
      windows["\(values)", default: 0] += 1
      if let i = values.indices.first(where: { values[$0] > 0 && $0 % 4 < 3 && values[$0 + 1] > 0 }) {
        if values[i + 1] < values[i] { mirrored += 1 }
      }
    }
    #expect(windows.count == 50)
    // 400 expected of each: deviations of 20.
    #expect(windows.values.allSatisfy { abs($0 - 400) < 110 })
    #expect(abs(mirrored - rows / 2) < 400)
  }
}
