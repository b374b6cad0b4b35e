import LockstepData
import LockstepFormats
import Testing

@testable import LockstepCommand

/// What `inspect` says of how inputs are made.
@Suite struct PreprocessingTextTests {
  /// Of an image a row a channel, not one a pixel.
  @Test func imagesAreShownByChannel() {
    let channels = [(0.5, 2.0), (1.25, 0.125), (-3, 1)].map { mean, deviation in
      Preprocessing.Column(encoding: .number(mean: mean, deviation: deviation))
    }
    let preprocessing = Preprocessing(
      columns: (0..<3072).map { channels[$0 % 3] }, image: ImageLayout(height: 32, width: 32, channels: 3),
      targets: .classes(["cat", "dog"]), isStandardized: true, samples: 50_000)
    let text = PreprocessingText.of(preprocessing)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
    #expect(lines[0].prefix(2) == ["channel", "kind"])
    #expect(lines[3].joined(separator: " ") == "1 – number 1.25000 ± 0.125000")
    #expect(!text.contains("more"))
    #expect(text.contains("images of 32 × 32 × 3, \(Format.count(3072)), float32"))
  }
}
