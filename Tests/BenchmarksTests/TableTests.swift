import Testing

@testable import Benchmarks

@Suite struct TableTests {
  private let table = Table(header: ["kernel", "time"], rows: [["relu", "1.2 µs"], ["tanh backward", "10 µs"]])

  @Test func `Columns stand under each other`() {
    #expect(
      table.text == """
        kernel           time
        ─────────────  ──────
        relu           1.2 µs
        tanh backward   10 µs
        """)
  }

  @Test func `As a page has it`() {
    #expect(
      table.markdown == """
        | kernel | time |
        | --- | ---: |
        | relu | 1.2 µs |
        | tanh backward | 10 µs |
        """)
  }

  @Test(arguments: [
    (0.0, "0"), (1, "1.00"), (9.996, "10.0"), (0.012345, "0.0123"), (999.6, "1000"), (12_345, "12300"),
    (-2.5, "-2.50"), (.infinity, "–"),
  ])
  func `Three digits count`(value: Double, text: String) {
    #expect(Figure.short(value) == text)
  }

  @Test(arguments: [
    (3.4e-7, "340 ns"), (9.999e-7, "1.00 µs"), (1.5e-2, "15.0 ms"), (2.1, "2.10 s"), (1e-10, "0.100 ns"),
  ])
  func `Times have their unit`(seconds: Double, text: String) {
    #expect(Figure.time(seconds) == text)
  }

  @Test(arguments: [(2e-2, "20 ms"), (5e-7, "500 ns"), (1, "1 s")])
  func `Round times have no more digits than they need`(seconds: Double, text: String) {
    #expect(Figure.roundTime(seconds) == text)
  }

  @Test(arguments: [("dense0", "dense"), ("repeat0.3.batch_norm12", "batch_norm"), ("gelu_tanh1", "gelu_tanh")])
  func `A layer's kind is the end of its path`(path: String, kind: String) {
    #expect(LayerProfile.kind(of: path) == kind)
  }
}
