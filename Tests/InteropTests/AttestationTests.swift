import Foundation
import TestSupport
import Testing

/// A statement as in-toto's own packages read and sign it, and a run's folder as model-signing does.
@Suite("Attestations read by in-toto, signed by model-signing", .enabled(if: signing, PrivatePython.excuse))
struct AttestationTests {
  private func place() throws -> Place {
    let place = try Place()
    try place.succeed("train", "config.yaml", "--output", "run", "--quiet", "--set", "checkpoint.keep=9")
    try place.succeed("attest", "run")
    return place
  }

  /// Runs a script that must end with status 0, and returns what it prints.
  @discardableResult
  private func python(_ script: String, in place: Place) throws -> String {
    let outcome = try PrivatePython.run(["-c", script], in: place.folder)
    try #require(outcome.status == 0, "\(outcome.output)")
    return outcome.output
  }

  /// The protobuf messages of in-toto's Statement v1 and of SLSA's Provenance v1 know every field, and none is of
  /// another type; every digest is hashlib's.
  @Test func isAStatementWithProvenance() throws {
    let place = try place()
    let printed = try python(
      """
      import hashlib, json, pathlib
      from google.protobuf import json_format
      from in_toto_attestation.v1 import statement, statement_pb2
      from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
      run = pathlib.Path("run")
      text = (run / "attestation.json").read_text()
      message = json_format.Parse(text, statement_pb2.Statement())
      statement.Statement.copy_from_pb(message).validate()
      data = json.loads(text)
      provenance = json_format.ParseDict(data["predicate"], provenance_pb2.Provenance())
      definition, details = provenance.build_definition, provenance.run_details
      assert details.metadata.started_on.seconds <= details.metadata.finished_on.seconds
      assert details.builder.id and definition.build_type and definition.external_parameters["steps"] == 21
      known = [(run / thing.name, thing) for thing in [*message.subject, *definition.resolved_dependencies, *details.byproducts]]
      files = [(path, thing) for path, thing in known if path.exists()]
      for path, thing in files:
          assert thing.digest["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest(), path
      previous = None
      for thing in message.subject:
          notes = thing.annotations
          if previous is not None: assert notes["previous_digest"] == previous
          previous = notes["weights_digest"]
      assert previous == json.loads((run / "summary.json").read_text())["weights_digest"]
      print(message.predicate_type, len(message.subject), len(files))
      """, in: place)
    #expect(printed == "https://slsa.dev/provenance/v1 4 8\n")
  }

  private static let keys = """
    import subprocess, sys
    def call(*words):
        return subprocess.run(words, capture_output=True, text=True)
    def keys(name):
        assert call("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", f"{name}.pem").returncode == 0
        assert call("openssl", "ec", "-in", f"{name}.pem", "-pubout", "-out", f"{name}.pub").returncode == 0
    keys("key")

    """

  /// The folder of a run, statement and all, and that of an exported model: what is altered, added or gone afterwards
  /// fails, and so does another key.
  @Test(.enabled(if: program("openssl") != nil), arguments: ["run", "model"])
  func modelSigningSigns(folder: String) throws {
    let place = try place()
    try FileManager.default.createDirectory(atPath: "\(place.folder)/model", withIntermediateDirectories: true)
    for format in ["onnx", "safetensors", "npz"] {
      try place.succeed("export", "run", "--to", "model/model.\(format)")
    }
    try python(
      Self.keys + """
        import pathlib
        folder = "\(folder)"
        def verify(key="key"):
            return call(sys.executable, "-m", "model_signing", "verify", "key", folder, "--signature", "folder.sig", "--public_key", f"{key}.pub")
        signed = call(sys.executable, "-m", "model_signing", "sign", "key", folder, "--private_key", "key.pem", "--signature", "folder.sig")
        assert signed.returncode == 0, signed
        assert verify().returncode == 0, verify()
        for file in sorted(pathlib.Path(folder).rglob("*")):
            if not file.is_file() or file.stat().st_size == 0: continue
            whole = file.read_bytes()
            file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
            assert verify().returncode != 0, file
            file.write_bytes(whole)
        pathlib.Path(folder, "more").write_text("x")
        assert verify().returncode != 0
        pathlib.Path(folder, "more").unlink()
        keys("other")
        assert verify("other").returncode != 0
        assert verify().returncode == 0
        """, in: place)
  }

  /// The statement by itself in an envelope of DSSE, as in-toto signs: its bytes come out as `lockstep verify` reads
  /// them.
  @Test(.enabled(if: program("openssl") != nil)) func inTotoSignsTheStatement() throws {
    let place = try place()
    try python(
      Self.keys + """
        import json, pathlib
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
        from securesystemslib.dsse import Envelope
        from securesystemslib.exceptions import VerificationError
        from securesystemslib.signer import CryptoSigner
        signer = CryptoSigner(load_pem_private_key(pathlib.Path("key.pem").read_bytes(), None))
        payload = pathlib.Path("run/attestation.json").read_bytes()
        envelope = Envelope(payload, "application/vnd.in-toto+json", {})
        envelope.sign(signer)
        pathlib.Path("envelope.json").write_text(json.dumps(envelope.to_dict()))
        read = Envelope.from_dict(json.loads(pathlib.Path("envelope.json").read_text()))
        read.verify([signer.public_key], 1)
        pathlib.Path("statement.json").write_bytes(read.payload)
        read.payload = payload.replace(b'"steps": 21', b'"steps": 22')
        try:
            read.verify([signer.public_key], 1)
            sys.exit("a changed statement was verified")
        except VerificationError: pass
        """, in: place)
    #expect(try place.read("statement.json") == place.read("run/attestation.json"))
    try place.succeed("verify", "run", "--attestation", "statement.json", "--sample", "1")
  }
}

private let signing = PrivatePython.has("model_signing", "in_toto_attestation", "securesystemslib")
