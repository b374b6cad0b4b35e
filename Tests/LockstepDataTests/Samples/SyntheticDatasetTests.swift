import LockstepData
import LockstepKernels
import SampleSupport
import Testing

/// What every synthetic data set promises.
@Suite struct SyntheticDatasetTests {
  @Test(arguments: SyntheticSpecification.examples)
  func aSampleAloneIsTheSampleInABatch(specification: SyntheticSpecification) throws {
    let dataset = try specification.makeDataset(runSeed: 4)
    let indices = [0, 17, 4999, 3, 3, 2500, 1, 2, 4, 5, 6, 7, 8, 9, 10, 1234, 4321, 11, 12]
    let together = try Rows(dataset, indices)
    for (r, index) in indices.enumerated() {
      let alone = try Rows(dataset, [index])
      #expect(alone.features[0] == together.features[r] && alone.targets[0] == together.targets[r], "sample \(index)")
    }
    for size in [2, 3, 5, 8, 11] {
      let some = try Rows(dataset, Array(indices.suffix(size)))
      #expect(some.features == Array(together.features.suffix(size)))
      #expect(some.targets == Array(together.targets.suffix(size)))
    }
    #expect(try Rows(dataset, []).features.isEmpty)
  }

  @Test(arguments: SyntheticSpecification.examples)
  func theSameDescriptionIsTheSameData(specification: SyntheticSpecification) throws {
    let indices = Array(0..<50)
    let first = try specification.makeDataset(runSeed: 4)
    let second = try specification.with { $0.seed = 4 }.makeDataset(runSeed: 99)
    #expect(try Rows(first, indices) == Rows(second, indices))
    #expect(first.fingerprint == second.fingerprint)
    // How many samples there are does not change them.
    let longer = try specification.with { $0.samples = 1 << 40 }.makeDataset(runSeed: 4)
    #expect(try Rows(first, indices) == Rows(longer, indices))
  }

  @Test(arguments: SyntheticSpecification.examples)
  func seedsAndSplitsAreStreamsOfTheirOwn(specification: SyntheticSpecification) throws {
    let indices = Array(0..<1000)
    let train = try specification.makeDataset(runSeed: 4)
    let rows = try Rows(train, indices)
    let others = try [
      specification.with { $0.split = "validation" }.makeDataset(runSeed: 4),
      specification.with { $0.split = "test" }.makeDataset(runSeed: 4),
      specification.makeDataset(runSeed: 5),
    ]
    // Twelve coin flips agree by chance, twenty numbers or real ones do not.
    var seen = Set(rows.features)
    for other in others {
      let strangers = try Rows(other, indices)
      #expect(other.fingerprint != train.fingerprint)
      #expect(zip(strangers.features, rows.features).filter { $0 == $1 }.count < 5)
      if case .sparseParity = specification.kind { continue }
      #expect(seen.isDisjoint(with: strangers.features))
      seen.formUnion(strangers.features)
    }
    #expect(seen.count >= 1000 || specification.kind == .sparseParity(noise: 0.05))
  }

  @Test(arguments: SyntheticSpecification.examples)
  func featuresAndTargetsAreStandardised(specification: SyntheticSpecification) throws {
    // A figure covers the middle of its picture more often than the edges: see DrawingsTests.
    if case .shapes = specification.kind { return }
    let dataset = try specification.with { $0.samples = 40_000 }.makeDataset(runSeed: 4)
    let rows = try Rows(dataset, Array(0..<40_000))
    // Deviations of a mean and of a variance over n samples: 1/√n and, for a normal, √2/√n; five of them.
    for c in 0..<dataset.features {
      let (mean, variance) = moments(rows.column(c))
      #expect(abs(mean) < 0.025, "feature \(c)")
      #expect(abs(variance - 1) < 0.045, "feature \(c)")
    }
    if case .regression(let targets) = specification.task {
      for k in 0..<targets {
        let (mean, variance) = moments(rows.targets.map { Double($0[k]) })
        #expect(abs(mean) < 0.09, "target \(k)")
        #expect(abs(variance - 1) < 0.12, "target \(k)")
      }
    }
  }

  @Test(arguments: SyntheticSpecification.examples)
  func classesAreBalanced(specification: SyntheticSpecification) throws {
    guard case .classification(let classes) = specification.task else { return }
    let dataset = try specification.with { $0.samples = 20_000 }.makeDataset(runSeed: 4)
    let labels = try Rows(dataset, Array(0..<20_000)).labels
    #expect(labels.allSatisfy { $0 >= 0 && $0 < classes })
    let counts = (0..<classes).map { k in labels.count { $0 == k } }
    if case .teacher = specification.kind {
      // A random network's regions are only roughly of a size.
      let fair = 20_000 / classes
      #expect(counts.allSatisfy { $0 > fair / 2 && $0 < fair * 2 }, "\(counts)")
    } else {
      #expect(chiSquare(counts) < chiSquareBound(classes - 1), "\(counts)")
    }
  }

  @Test(arguments: SyntheticSpecification.examples)
  func indicesAreSixtyFourBits(specification: SyntheticSpecification) throws {
    let dataset = try specification.with { $0.samples = 1 << 40 }.makeDataset(runSeed: 4)
    let far = [0, 1 << 32, 1 << 33, (1 << 40) - 1].flatMap { start in (0..<20).map { min(start + $0, (1 << 40) - 1) } }
    let rows = try Rows(dataset, far)
    for (a, b) in [(0, 20), (0, 40), (20, 40)] {
      #expect(rows.features[a..<a + 20] != rows.features[b..<b + 20])
    }
    #expect(rows.features.joined().allSatisfy { $0.isFinite })
  }

  @Test func samplesOutsideTheSetAreErrors() throws {
    let dataset = try SyntheticSpecification.examples[0].makeDataset(runSeed: 4)
    for index in [-1, 5000, .max, .min] {
      let error = #expect(throws: DatasetError.self) { try Rows(dataset, [0, index]) }
      #expect(error?.description.contains("found sample \(index), expected 0 ..< 5000") == true)
    }
    let arena = Arena(count: 1000)
    #expect(throws: DatasetError.self) {
      try dataset.fill(
        [1, 2].span, features: arena.matrix(at: 0, rows: 2, columns: 36),
        targets: arena.matrix(at: 500, rows: 2, columns: 1))
    }
  }

  @Test func nothingIsWrittenBesideTheRows() throws {
    for specification in SyntheticSpecification.examples {
      let dataset = try specification.makeDataset(runSeed: 4)
      let columns = dataset.task.targetColumns
      for rows in [1, 2, 3, 7, 8, 9] {
        let arena = Arena(count: (rows + 2) * (dataset.features + columns) + 128)
        arena.all.fill(-77)
        let x = arena.matrix(at: 64, rows: rows, columns: dataset.features)
        let y = arena.matrix(at: 64 + x.count + 32, rows: rows, columns: columns)
        try dataset.fill(Array(0..<rows).span, features: x, targets: y)
        let values = arena.all.array
        #expect(values[..<64].allSatisfy { $0 == -77 })
        #expect(values[(64 + x.count)..<(64 + x.count + 32)].allSatisfy { $0 == -77 }, "\(dataset.fingerprint)")
        #expect(values[(64 + x.count + 32 + y.count)...].allSatisfy { $0 == -77 })
        #expect(!x.elements.array.contains(-77) && !y.elements.array.contains(-77))
      }
    }
  }
}
