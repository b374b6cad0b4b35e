import LockstepConfiguration
import LockstepFormats
import LockstepTraining
import TestSupport
import Testing

@testable import LockstepExamination
@testable import LockstepRuns

/// Faults that are planted in a folder of pictures are found.
@Suite struct CheckPictureTests {
  private static let (classes, side) = (4, 10)

  /// Pictures of noise with a bar somewhere, a direction a class; then what a fault changes of one.
  private func checks(
    _ change: (_ number: Int, _ owner: Int, _ pixels: inout [UInt8]) -> Void = { _, _, _ in }
  ) throws -> [Check] {
    var generator = SeededGenerator(seed: 9)
    return try withTemporaryFolder { folder in
      for owner in 0..<Self.classes {
        try Folder.create("\(folder)/p/c\(owner)")
        for number in 0..<50 {
          let place = Int.random(in: 2..<8, using: &generator)
          var pixels = (0..<Self.side * Self.side).map { pixel in
            let (row, column) = (pixel / Self.side, pixel % Self.side)
            let line = [row, column, (row + column) / 2, (row - column + Self.side) / 2][owner]
            return UInt8.random(in: 40..<140, using: &generator) + (line == place ? 90 : 0)
          }
          change(number, owner, &pixels)
          let file = PNGFile(height: Self.side, width: Self.side, pixels: pixels)
          try write(file.bytes, to: "\(folder)/p/c\(owner)/\(number).png")
        }
      }
      let yaml = """
        data: {source: {pictures: {path: p}}, standardize: true, split: {validation: 0.2, seed: 1}}
        model: {layers: [{conv2d: {filters: 8, kernel: 3}}, relu, global_average_pool, {dense: 4}]}
        loss: softmax_cross_entropy
        optimizer: {adam: {learning_rate: 0.003}}
        training: {batch_size: 32, shards: 2, threads: 1, epochs: 10}
        """
      try write(yaml, to: "\(folder)/c.yaml")
      let configuration = try RunConfiguration(file: "\(folder)/c.yaml")
      return try Diagnosis.measure(configuration).checks(of: configuration)
    }
  }

  @Test func soundPicturesHaveNoFault() throws {
    let checks = try checks()
    #expect(faults(checks).isEmpty, "\(checks)")
    expectCheck(.tellingColumn, .passed, in: checks)
    expectCheck(.duplicates, .passed, in: checks)
  }

  @Test func blackPictures() throws {
    expectCheck(.inputSpread, in: try checks { _, _, pixels in pixels = pixels.map { _ in 0 } })
  }

  /// One class's pictures are all the same.
  @Test func oneClassIsOnePicture() throws {
    var first: [UInt8] = []
    let checks = try checks { _, owner, pixels in
      if owner == 2 {
        if first.isEmpty { first = pixels }
        pixels = first
      }
    }
    expectCheck(.duplicates, in: checks)
  }

  /// Every second picture is the one before it, some pixels of it a grey off.
  @Test(arguments: [false, true])
  func copiesAcrossTheSplit(isNear: Bool) throws {
    var before: [UInt8] = []
    let checks = try checks { number, _, pixels in
      if number % 2 == 0 {
        before = pixels
      } else {
        pixels = before.enumerated().map { isNear && ($0 + number) % 7 == 0 ? $1 + 1 : $1 }
      }
    }
    expectCheck(.duplicates, in: checks)
  }

  /// A frame around all pictures of a class, and nothing in it.
  @Test func borderTellsAClass() throws {
    let checks = try checks { _, owner, pixels in
      for place in 0..<Self.side where owner == 1 { pixels[place] = 255 }
    }
    expectCheck(.tellingColumn, in: checks)
    let finding = checks.first { $0.kind == .tellingColumn }?.finding ?? ""
    #expect(finding.contains("row 0") && finding.contains("class \"c1\""), "\(finding)")
  }
}
