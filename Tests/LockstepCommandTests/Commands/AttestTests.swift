import Foundation
import TestSupport
import Testing

/// `lockstep attest` and `lockstep verify --attestation`: what they write and print, and how they end.
@Suite("attest")
struct AttestTests {
  @Test func writesAStatementThatVerifyChecks() throws {
    let place = try Place.keepingCheckpoints()
    let outcome = try place.succeed("attest", "a", "--card", "card.md")
    let text = String(decoding: try place.read("a/attestation.json"), as: UTF8.self)
    for words in ["statement", "a/attestation.json", "4 checkpoints of a", "weights digest", "card.md"] {
      #expect(outcome.output.contains(words), "\(outcome)")
    }
    // Printed and written elsewhere it is the same.
    #expect(try place.succeed("attest", "a", "--json", "--output", "b.json").output == text)
    #expect(String(decoding: try place.read("b.json"), as: UTF8.self) == text)
    let verified = try place.succeed("verify", "a", "--attestation", "a/attestation.json")
    #expect(verified.output.contains("note: a/attestation.json: 11 digests and "), "\(verified)")
    #expect(verified.output.hasSuffix("trained again, have the bits of a\n"))
    try place.write(text.replacing("\"steps\": 21", with: "\"steps\": 20"), to: "b.json")
    let changed = try place.lockstep("verify", "a", "--attestation", "b.json", "--sample", "1", "--quiet")
    #expect(changed.status == 1)
    #expect(
      changed.output.contains(
        "b.json: predicate.buildDefinition.externalParameters.steps: found 20, expected 21, which the run gives"),
      "\(changed)")
    #expect(
      changed.output.hasSuffix("different: a is not what is told of it, though what was trained again is the same\n"))
    var checkpoint = try place.read("a/checkpoints/step-00000012.safetensors.zst")
    checkpoint[checkpoint.count / 2] ^= 1
    try place.write(checkpoint, to: "a/checkpoints/step-00000012.safetensors.zst")
    let damaged = try place.lockstep("verify", "a", "--attestation", "a/attestation.json", "--json")
    let findings = damaged.json["findings"] as? [String] ?? []
    #expect(damaged.status == 1 && damaged.json["same"] as? Bool == false)
    #expect(findings.contains { $0.hasPrefix("a/checkpoints/step-00000012.safetensors.zst: found the SHA-256 ") })
  }

  @Test func wrongInput() throws {
    let place = try Place.keepingCheckpoints()
    try place.refuse(["attest", "none"], ["none: not the folder of a run"])
    try place.refuse(["attest", "config.yaml"], ["config.yaml: not the folder of a run"])
    try place.refuse(["attest", "a", "--output", "none/a.json"], ["--output none/a.json: there is no folder none"])
    try place.refuse(["attest", "a", "--output", "a"], ["--output a: found a folder, expected the path of a file"])
    try place.refuse(["attest", "a", "--output", ""], ["--output: found an empty path"])
    try place.refuse(
      ["attest", "a", "--card", "card.pdf"], ["card.pdf: found the ending .pdf, expected one of .md, .html"])
    try place.refuse(["attest", "a", "--card", "none/card.md"], ["--card none/card.md: there is no folder none"])
    try place.refuse(["attest", "a", "--set", "seed=9"], ["seed: found 9, expected 3 as the run had it"])
    try place.refuse(["verify", "a", "--attestation", "none.json"], ["none.json: cannot open"])
    try place.refuse(["verify", "a", "--attestation", "config.yaml"], ["config.yaml: found no JSON"])
    try place.refuse(["verify", "a", "--attestation", ""], ["--attestation: found an empty path"])
    try place.succeed("train", "config.yaml", "--output", "b", "--quiet", "--steps", "4")
    try place.refuse(
      ["attest", "b"],
      ["b: found a run that is paused by --steps, expected one that has finished (go on with it: lockstep resume b)"])
    #if os(Linux)
      try place.refuse(["attest", "a", "--output", "/proc/a.json"], status: 1, ["/proc/", "cannot create"])
    #endif
    try place.remove("a/checkpoints")
    try place.refuse(["attest", "a"], ["a: found no checkpoint, expected at least one in a/checkpoints"])
  }
}
