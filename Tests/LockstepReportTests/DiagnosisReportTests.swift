import LockstepConfiguration
import LockstepReport
import LockstepStudies
import LockstepTraining
import Testing

@Suite struct DiagnosisReportTests {
  private func diagnose(
    _ layers: String, steps: Int = 0, rate: Double = 0.1, precision: String = "float32"
  ) throws -> (Diagnosis, [Advice]) {
    let configuration = try RunConfiguration(
      yaml: """
        data: {train: {synthetic: {kind: gaussian_clusters, samples: 2000, features: 16, classes: 4}}}
        model: {layers: [\(layers), {dense: {units: 4}}]}
        loss: softmax_cross_entropy
        optimizer: {sgd: {learning_rate: \(rate)}}
        training: {batch_size: 64, shards: 4, threads: 1, steps: 50, precision: \(precision)}
        """)
    let diagnosis = try Diagnosis.measure(configuration, steps: steps)
    return (diagnosis, diagnosis.advice(for: configuration))
  }

  @Test func everyLayerAndStageIsOnThePage() throws {
    let (diagnosis, advice) = try diagnose("{repeat: {times: 12, layers: [{dense: {units: 32}}, sigmoid]}}", steps: 5)
    let text = diagnosis.report(name: "deep <1>", Prescription(advice: advice)).text
    let page = ParsedPage(text)
    #expect(page.problem == nil)
    // Three charts, and a histogram a layer and stage; a row for each, and for what is folded.
    #expect(page.charts == 3 + 2 * 25)
    #expect(page.elements["table"] == 2 && page.elements["tr"] == 2 * 26 + text.matches(of: /class="fold"/).count)
    for words in [
      "deep <1>: vanishing gradient", "vanishing gradient at initialisation", "after 5 steps", "repeat0.11.sigmoid0",
      "The gradient shrinks by a factor of 0.2", "Glorot, Bordes, Bengio 2011", "model.layers.0.repeat.layers.1: relu",
    ] { #expect(page.texts.contains(words), "\(words)") }
  }

  @Test func roundingHasChartsAndColumns() throws {
    let layers = "{repeat: {times: 2, layers: [{dense: {units: 32}}, relu]}}"
    for (precision, charts) in [("float32", 3), ("bf16", 5)] {
      let (diagnosis, advice) = try diagnose(layers, precision: precision)
      let page = ParsedPage(diagnosis.report(name: "coarse", Prescription(advice: advice)).text)
      #expect(page.problem == nil)
      #expect(page.charts == charts + 5)
      #expect(page.elements["table"] == (precision == "bf16" ? 2 : 1))
      for words in ["what it changes of the spread", "flushed", "hidden"] {
        #expect(page.texts.contains(words) == (precision == "bf16"), "\(words)")
      }
    }
  }

  /// What is no number has a place too.
  @Test func explosionsAndDivergenceAreToldInWords() throws {
    let (diagnosis, advice) = try diagnose(
      "{repeat: {times: 100, layers: [{dense: {units: 32, initializer: {normal: {stddev: 1}}}}, relu]}}")
    let page = ParsedPage(diagnosis.report(name: "wild", Prescription(advice: advice)).text)
    #expect(page.problem == nil)
    #expect(page.texts.contains("no finite number any more") && page.texts.contains("Training stopped: step 1"))
    #expect(page.texts.contains("not finite"))
  }

  @Test func oneHiddenLayerHasNoTrend() throws {
    let (diagnosis, advice) = try diagnose("{dense: {units: 8}}, tanh")
    let page = ParsedPage(diagnosis.report(name: "small", Prescription(advice: advice)).text)
    #expect(page.problem == nil)
    #expect(page.texts.contains("Too few layers for a trend"))
  }

  @Test func sentencesSayWhatTheFiguresSay() {
    var finding = Diagnosis.Finding.example(.vanishingGradient)
    #expect(
      finding.sentence
        == "The gradient shrinks by a factor of 0.31 a layer on its way back, visibly since dense3; reaching dense0 it is 1.0e-9 of the last layer's."
    )
    finding.ratio = 0
    #expect(finding.sentence.hasSuffix("reaching dense0 it is nothing."))
    #expect(Diagnosis.Finding.example(.saturated).sentence.contains("in dense3 to dense0 up to 60.0 %"))
    #expect(
      Diagnosis.Finding.example(.lostUpdates).sentence.contains("up to 60.0 % of the weights that have a gradient"))
    finding = .example(.imprecise)
    #expect(finding.sentence.hasSuffix("it comes to up to 60.0 % of the spread between samples."))
    finding.share = 3040
    #expect(finding.sentence.hasSuffix("it comes to up to 3040 times the spread between samples."))
  }
}

extension Diagnosis.Finding {
  fileprivate static func example(_ verdict: Verdict) -> Diagnosis.Finding {
    Diagnosis.Finding(verdict: verdict, layer: "dense3", end: "dense0", factor: 0.31, ratio: 1e-9, share: 0.6)
  }
}
