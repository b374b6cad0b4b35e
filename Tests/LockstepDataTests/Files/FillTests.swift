import AllocationCounter
import LockstepKernels
import SampleSupport
import TestSupport
import Testing

@testable import LockstepData

@Suite("Batches of samples of files")
struct FillTests {
  /// Any samples in any order are those that were read one by one.
  @Test func indicesAreFollowed() throws {
    try withTemporaryFolder { folder in
      try write(Self.table, to: "\(folder)/t.csv")
      let data = try FileData(opening: .csv("\(folder)/t.csv", standardize: true, missing: true)).sets.train
      let all = try samples(of: data)
      let memory = Arena(count: 3 * data.features + 3)
      let (x, y) = (
        memory.matrix(at: 0, rows: 3, columns: data.features), memory.matrix(at: 3 * data.features, rows: 3, columns: 1)
      )
      let indices = [7, 0, 7]
      try data.fill(indices.span, features: x, targets: y)
      #expect((0..<3).map { x.row($0).array } == indices.map { all.inputs[$0] })
      #expect((0..<3).map { y.row($0).array } == indices.map { all.targets[$0] })
      let outside = [data.count]
      #expect(throws: DatasetError.self) {
        try data.fill(outside.span, features: x.rows(0..<1), targets: y.rows(0..<1))
      }
    }
  }

  /// Numbers, categories, missing cells and a mapped array alike.
  @Test(.enabled(if: lk_can_count_allocations() != 0, "a sanitizer or another C library allocates by itself"))
  func nothingIsAllocated() throws {
    #if !DEBUG
      try withTemporaryFolder { folder in
        try write(Self.table, to: "\(folder)/t.csv")
        let header = "{'descr': '>i2', 'fortran_order': True, 'shape': (300, 4), }\n"
        let start = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
        try write(start + (0..<2400).map { UInt8($0 % 100) }, to: "\(folder)/x.npy")
        let array = FileData.Description(
          train: .npy(features: "\(folder)/x.npy", targets: "\(folder)/x.npy"), split: .share(0.3, seed: 1),
          isStandardized: true, kind: .numbers)
        for description in [.csv("\(folder)/t.csv", standardize: true, missing: true), array] {
          let data = try FileData(opening: description).sets.train
          let columns = data.task.targetColumns
          let memory = Arena(count: 200 * (data.features + columns))
          let x = memory.matrix(at: 0, rows: 200, columns: data.features)
          let y = memory.matrix(at: 200 * data.features, rows: 200, columns: columns)
          let indices = (0..<200).map { $0 * 7 % 200 }
          try data.fill(indices.span, features: x, targets: y)
          var allocations = lk_allocations()
          try withUnsafeMutablePointer(to: &allocations) { counted in
            lk_count_allocations(counted)
            defer { lk_count_allocations(nil) }
            try data.fill(indices.span, features: x, targets: y)
          }
          #expect(allocations.count == 0 && allocations.threads == 1)
        }
      }
    #endif
  }

  private static let table =
    "a,c,y\n" + (0..<300).map { "\($0 % 11 == 0 ? "" : "\($0)"),\(["r", "g", "NA"][$0 % 3]),\($0 % 2)\n" }.joined()
}
