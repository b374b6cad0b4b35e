import LockstepKernels
import Testing

@testable import LockstepModel

/// Where tensors and slices stand in an arena.
@Suite struct ParameterLayoutTests {
  private let layout = {
    var layout = ParameterLayout()
    let shapes: [TensorShape] = [
      .matrix(inputs: 3, units: 5), .vector(1), .vector(16), .vector(17),
      .filters(height: 4, width: 2, channels: 5, filters: 60), .matrix(inputs: 2, units: 2), .vector(1023),
      .vector(1025),
    ]
    for (index, shape) in shapes.enumerated() { _ = layout.append(layer: "layer\(index)", .weight, shape) }
    return layout
  }()

  @Test func tensorsAreAlignedAndApart() {
    for (entry, next) in zip(layout.entries, layout.entries.dropFirst()) {
      #expect(entry.offset % Arena.alignment == 0)
      #expect(entry.range.upperBound <= next.offset && next.offset - entry.range.upperBound < Arena.alignment)
    }
    #expect(layout.count % ParameterLayout.block == 0 && layout.count >= layout.entries.last?.range.upperBound ?? 0)
    #expect(layout.blocks * ParameterLayout.block == layout.count)
    #expect(layout.elements == 15 + 1 + 16 + 17 + 2400 + 4 + 1023 + 1025)
  }

  /// Slices are whole blocks, in order, and leave nothing out, whatever the number of workers.
  @Test(arguments: 1...20)
  func slicesCoverTheArena(workers: Int) {
    let slices = (0..<workers).map { layout.slice(of: $0, workers: workers) }
    #expect(slices.first?.lowerBound == 0 && slices.last?.upperBound == layout.count)
    for (slice, next) in zip(slices, slices.dropFirst()) { #expect(slice.upperBound == next.lowerBound) }
    #expect(slices.allSatisfy { $0.lowerBound % ParameterLayout.block == 0 })
  }

  @Test func emptyLayout() {
    let layout = ParameterLayout()
    #expect(layout.count == 0 && layout.blocks == 0 && layout.elements == 0 && layout.slice(of: 1, workers: 3).isEmpty)
  }
}
