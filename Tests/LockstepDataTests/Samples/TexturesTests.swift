import LockstepData
import LockstepKernels
import SampleSupport
import Testing

/// Pictures of gratings under gratings, against their definition.
@Suite struct TexturesTests {
  /// The directions of a class, as the definition draws them from the seed.
  private static func directions(_ classes: Int, seed: UInt64) -> [(carrier: Double, envelope: Double)] {
    let envelopes = Int(Double(classes).squareRoot().rounded(.up))
    let carriers = Int((Double(classes) / Double(envelopes)).rounded(.up))
    let task = RandomKey(seed: seed, purpose: .task)
    let first = task.stream(0).words(count: 2).map { Double($0) / 0x1p32 }
    let order = KeyedPermutation(count: carriers * envelopes, stream: task.stream(1))
    return (0..<classes).map { k in
      let cell = order[k]
      return (
        first[0] + 0.5 * Double(cell % carriers) / Double(carriers),
        first[1] + 0.5 * Double(cell / carriers) / Double(envelopes)
      )
    }
  }

  @Test(arguments: [(16, 16, 1), (17, 33, 1), (31, 16, 3), (20, 50, 3)], [2, 10, 64])
  func pixelsAreGratingsUnderGratings(size: (height: Int, width: Int, channels: Int), classes: Int) throws {
    let (height, width, channels) = size
    let kind = SyntheticSpecification.Generator.textures(height: height, width: width, channels: channels, noise: 0)
    let samples = [0, 1, 2, 3, 500, 999]
    let rows = try Rows(SyntheticSpecification.plain(kind, classes: classes).makeDataset(runSeed: 11), samples)
    let directions = Self.directions(classes, seed: 11)
    for (r, sample) in samples.enumerated() {
      let draw = PictureWords(sample: sample, seed: 11)
      let colour = draw.colour(6, channels: channels)
      let pair = directions[rows.labels[r]]
      let bands: [(turns: Double, low: Double, range: Double)] = [
        (pair.carrier, 0.2, 0.1), (pair.envelope, 0.05, 0.03),
      ]
      var waves: [(phase: Double, down: Double, right: Double)] = []
      for (k, band) in bands.enumerated() {
        let direction: Double = band.turns + (Double(draw.words[2 + k] >> 5) - 0x1p26) / 0x1p32
        let frequency: Double = band.low + band.range * draw.unit(4 + k)
        waves.append((draw.turn(k), frequency * sine(turns: direction), frequency * cosine(turns: direction)))
      }
      for i in 0..<height {
        for j in 0..<width {
          let values = waves.map { wave -> Double in
            cosine(turns: wave.phase + Double(i) * wave.down + Double(j) * wave.right)
          }
          let pattern = (1 + values[1]) * values[0]
          for c in 0..<channels {
            let found = Double(rows.features[r][(i * width + j) * channels + c])
            // A step's float32 is off by 2⁻²⁴ of its 0.3 turns, times up to 50 steps.
            #expect(abs(found - pattern * colour[c]) < 3e-5, "sample \(sample), pixel \(i), \(j), channel \(c)")
          }
        }
      }
    }
  }

  /// The least mean loss of a linear model over all samples is that of no model: its gradient there is Σ (p − y) x,
  /// which is 0 where every class has the mean 0.
  @Test func everyClassHasTheMeanZero() throws {
    let specification = SyntheticSpecification(
      pictures: .textures(height: 16, width: 16, channels: 1), samples: 20_000, classes: 4)
    let rows = try Rows(specification.makeDataset(runSeed: 2), Array(0..<20_000))
    #expect(largestMean(rows, classes: 4) < 5)
  }

  @Test func noiseIsAdded() throws {
    let kind = { SyntheticSpecification.Generator.textures(height: 16, width: 18, channels: 3, noise: $0) }
    let indices = Array(0..<200)
    let plain = try Rows(SyntheticSpecification.plain(kind(0), classes: 10).makeDataset(runSeed: 3), indices)
    let noisy = try Rows(SyntheticSpecification.plain(kind(0.25), classes: 10).makeDataset(runSeed: 3), indices)
    #expect(plain.labels == noisy.labels)
    let difference = zip(noisy.features.joined(), plain.features.joined()).map { Double($0) - Double($1) }
    let (mean, variance) = moments(difference)
    #expect(abs(mean) < 0.004 && abs(variance.squareRoot() - 0.25) < 0.003)
  }

  /// A pair of directions stands for one class, whatever the seed.
  @Test(arguments: 2...64)
  func pairsAreDistinct(classes: Int) {
    for seed in 1...3 as ClosedRange<UInt64> {
      let pairs = Self.directions(classes, seed: seed).map { "\($0)" }
      #expect(Set(pairs).count == classes)
    }
  }
}
