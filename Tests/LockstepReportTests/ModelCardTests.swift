import Foundation
import LockstepFormats
import LockstepRuns
import LockstepStudies
import Testing

@testable import LockstepReport

/// Model cards in both forms: what they tell, and that no number stands without the digest of its run.
@Suite struct ModelCardTests {
  private func card(_ place: RunPlace) throws -> (card: ModelCard, attestation: Attestation) {
    let attestation = try Attestation(of: Verification.Plan(place.path))
    return (ModelCard(attestation, statement: "attestation.json"), attestation)
  }

  @Test func everyNumberCarriesTheDigest() throws {
    let place = try RunPlace("name=a_first_try")
    let (card, attestation) = try card(place)
    let text = card.text(as: .markdown)
    let short = attestation.weightsDigest.prefix(12)
    #expect(text.hasPrefix("# a\\_first\\_try\n"))
    // Behind each, a link to the run's section; what is code is no number but a name, a digest or a date.
    let plain = text.replacing(#/```sh\n[^`]*```/#, with: "").replacing(#/`[^`]*`/#, with: "")
      .replacing("Mitchell et al. 2019", with: "").replacing("SHA-256", with: "")
    let figures = plain.split(separator: "\n").filter { !$0.hasPrefix("#") }.flatMap { line in
      line.replacing(#/\(#run-[0-9a-f]{12}\)/#, with: "").matches(of: #/\d[\d.e]*(?: \d{3})*(?<after>.{0,15})/#)
    }
    #expect(figures.count > 15)
    for figure in figures { #expect(figure.output.after.hasPrefix(" [\(short)]"), "\(figure.output.0)") }
    #expect(text.contains("## Run \(short)\n\n- weights digest: `\(attestation.weightsDigest)`"))
    #expect(text.contains("- statement: `attestation.json`, SHA-256 `\(attestation.statement.digest)`"))
  }

  @Test func figuresAreTheRuns() throws {
    let place = try RunPlace()
    let (card, attestation) = try card(place)
    let record = try RunRecord(place.path)
    let accuracy = try #require(record.evaluations.last?.metrics["accuracy"]?.number)
    let interval = WilsonInterval.of(accuracy, count: 90)
    let short = attestation.weightsDigest.prefix(12)
    func figure(_ value: Double) -> String { "\(Format.significant(value)) [\(short)](#run-\(short))" }
    let text = card.text(as: .markdown)
    #expect(
      text.contains(
        "| accuracy | \(figure(accuracy)) | \(figure(interval.lowerBound)) to \(figure(interval.upperBound)) |"))
    let best = try #require(record.best)
    #expect(text.contains("- best accuracy: \(figure(best.value)) after step \(best.step) ["))
    for words in [
      "## Training data", "- samples: 320 [", "- samples: 90 [", "gaussian\\_clusters", "## Arithmetic",
      "lockstep verify \(place.path) --attestation attestation.json", "lockstep train \(place.path)/config.yaml",
    ] { #expect(text.contains(words) || text.contains(words.replacing("\\_", with: "_")), "\(words)") }
  }

  /// What a path, a class or a note may hold is no markup of either form.
  @Test func textIsEscaped() {
    let hostile = "<script>alert(1)</script> *a* [b](c) | `d` ``e``"
    let digest = String(repeating: "0", count: 64)
    let line: [ModelCard.Piece] = [.text(hostile), .code(hostile), .figure(hostile, of: digest)]
    let blocks: [ModelCard.Block] = [
      .paragraph(line), .facts([(hostile, line)]), .table([hostile], [[[.text(hostile)]]]),
    ]
    let card = ModelCard(title: hostile, sections: [.init(title: "s", blocks: blocks)], runs: [])
    let page = ParsedPage(card.text(as: .html))
    #expect(page.problem == nil && page.elements["script"] == nil && page.texts.contains(hostile))
    let text = card.text(as: .markdown)
    let escaped = #"\<script\>alert(1)\</script\> \*a\* \[b\](c) \| \`d\` \`\`e\`\`"#
    #expect(text.contains("\(escaped) [000000000000](#run-000000000000)") && text.contains("| \(escaped) |"))
    #expect(text.contains("``` \(hostile) ```"))
  }

  @Test func thePageSaysTheSame() throws {
    let (card, attestation) = try card(RunPlace())
    let text = card.text(as: .html)
    let page = ParsedPage(text)
    #expect(page.problem == nil && page.elements["script"] == nil)
    #expect(page.texts.contains(attestation.statement.digest))
    let short = attestation.weightsDigest.prefix(12)
    #expect(page.attributes["id"] == ["run-\(short)"])
    let links = page.attributes["href"] ?? []
    #expect(Set(links) == ["#run-\(short)"] && links.count == text.matches(of: #/<b>/#).count)
    #expect(links.count == card.text(as: .markdown).matches(of: #/\(#run-/#).count)
  }

  @Test func withoutValidationData() throws {
    let (card, _) = try card(RunPlace(task: RunPlace.regression))
    let text = card.text(as: .markdown)
    #expect(text.contains("the run had no validation data") && text.contains("- training loss: "))
    #expect(!text.contains("Wilson"))
  }

  @Test func otherEndings() {
    for (path, found) in [("card.pdf", "the ending .pdf"), ("a.b/card", "no ending"), ("card.", "the ending .")] {
      let error = #expect(throws: RunError.self) { try ModelCard.Format(file: path) }
      #expect(error.map { "\($0)" } == "\(path): found \(found), expected one of .md, .html")
    }
  }
}
