import LockstepConfiguration
import LockstepExamination
import LockstepFormats
import LockstepModel
import LockstepTraining

extension Diagnosis {
  /// The figures, and what to change, as `lockstep diagnose --json` writes them. A figure that is not finite, or has no
  /// meaning for a layer, is null.
  public func json(
    _ prescription: Prescription = Prescription(advice: []), checks: [Check] = []
  ) -> JSONObject {
    [
      "stages": .array(stages.map { .object($0.json) }), "checks": .array(checks.map { .object($0.json) }),
      "cures": .array(prescription.json),
      "advice": .array(prescription.advice.map { .object($0.json) }),
    ]
  }
}

extension Prescription {
  /// The cures, each with its proof.
  fileprivate var json: [JSONValue] {
    cures.enumerated().map { index, one in
      let changes = one.cure.changes.map { JSONValue.object(["key": .string($0.key), "value": .string($0.value)]) }
      let stage = one.diagnosis.stages.first
      return .object([
        "id": .string(one.cure.kind.rawValue), "rule": .string(one.cure.rule), "source": .string(one.cure.source),
        "changes": .array(changes),
        "verdict": .array(one.diagnosis.stages.map { .array($0.verdicts.map { .string($0.rawValue) }) }),
        "steps": .integer(steps), "loss": .figure(one.loss), "loss_without": .figure(loss),
        "signal_growth": .figure(stage?.signalGrowth), "gradient_growth": .figure(stage?.gradientGrowth),
        "apart": .figure(one.apart), "proof": proof.map { .object($0.json(index)) } ?? .null,
      ])
    }
  }
}

extension CureProof {
  fileprivate func json(_ cure: Int) -> JSONObject {
    let (cell, difference) = (with[cure], with[cure].difference)
    return [
      "metric": .string(metric.rawValue), "seeds": .integer(seeds), "without": .figure(without.mean),
      "with": .figure(cell.mean), "difference": .figure(difference?.mean),
      "interval": difference?.interval.map { .array([.figure($0.lowerBound), .figure($0.upperBound)]) } ?? .null,
      "diverged": cell.diverged.map { .string($0) } ?? .null, "helps": .bool(helps(cure)),
    ]
  }
}

extension Diagnosis.Stage {
  fileprivate var json: JSONObject {
    [
      "step": .integer(step),
      "layers": .array(layers.map { .object($0.json) }),
      "signal_growth": .figure(signalGrowth),
      "gradient_growth": .figure(gradientGrowth),
      "verdict": .array(verdicts.map { .string($0.rawValue) }),
      "findings": .array(findings.map { .object($0.json) }),
      "rows": .integer(rows), "batches": .integer(batches),
      "stopped": stopped.map { .string($0) } ?? .null, "learning_rate_factor": .figure(learningRateFactor),
      "receptive_field": receptiveField.map { .object($0.json) } ?? .null,
    ]
  }
}

extension Diagnosis.Layer {
  fileprivate var json: JSONObject {
    var quantiles: JSONObject = [:]
    for (share, value) in zip(Diagnosis.quantiles, self.quantiles) { quantiles["\(share)"] = .figure(value) }
    return [
      "name": .string(name), "kind": .string(kind), "units": .integer(units),
      "shape": .array(shape.sides.map { .integer($0) }),
      "mean": .figure(mean), "stddev": .figure(stddev), "rms": .figure(rms), "rank": .figure(rank),
      "saturated": .figure(saturated), "dead": .figure(dead),
      "gradient_rms": .figure(gradientRMS), "gradient_norm": .figure(gradientNorm),
      "update_ratio": .figure(updateRatio), "update_lost": .figure(updateLost),
      "update_hidden": .figure(updateHidden), "signal_rounding": .figure(signalRounding),
      "gradient_rounding": .figure(gradientRounding), "gradient_flushed": .figure(gradientFlushed),
      "quantiles": self.quantiles.isEmpty ? .null : .object(quantiles),
      "histogram": histogram.map { .object($0.json) } ?? .null,
      "channels": channels.isEmpty ? .null : .array(channels.map { .object($0.json) }),
    ]
  }
}

extension Diagnosis.Channel {
  fileprivate var json: JSONObject {
    [
      "rms": .figure(rms), "gradient_rms": .figure(gradientRMS), "saturated": .figure(saturated),
      "dead": isDead.map { .bool($0) } ?? .null,
    ]
  }
}

extension Diagnosis.ReceptiveField {
  fileprivate var json: JSONObject {
    [
      "layer": .string(layer), "image": .sides(image.height, image.width),
      "theoretical": .sides(theoretical.height, theoretical.width),
      "effective": effective.map { .sides($0.height, $0.width) } ?? .null,
    ]
  }
}

extension Diagnosis.Histogram {
  /// Shares rounded to six decimals, which is finer than any chart shows.
  fileprivate var json: JSONObject {
    [
      "low": .figure(low), "high": .figure(high),
      "shares": .array(shares.map { .number(($0 * 1e6).rounded() / 1e6) }),
    ]
  }
}

extension Diagnosis.Finding {
  fileprivate var json: JSONObject {
    [
      "verdict": .string(verdict.rawValue), "layer": .string(layer), "end": .string(end), "factor": .figure(factor),
      "ratio": .figure(ratio), "share": .figure(share),
    ]
  }
}

extension JSONValue {
  /// [height, width]
  fileprivate static func sides(_ height: Int, _ width: Int) -> JSONValue {
    .array([.integer(height), .integer(width)])
  }
}
