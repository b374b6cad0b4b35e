/// One of the checks by which a run is looked over before much is spent on it: what was measured, what it is held
/// against, and what that says. docs/checks.md has the formula and the source of every figure.
public struct Check: Sendable, Equatable {
  /// What is checked, in the order in which a person would: the data, the network as it starts, its first steps.
  public enum Kind: String, Sendable, CaseIterable {
    /// Whether inputs differ from sample to sample.
    case inputSpread = "input_spread"
    /// Whether inputs are of a size that one learning rate fits.
    case inputScale = "input_scale"
    /// Columns that hold one value.
    case constantColumns = "constant_columns"
    /// Samples that occur more than once, and such that training and validation share.
    case duplicates
    /// A column that tells the target by itself.
    case tellingColumn = "telling_column"
    /// Whether targets that are numbers are of a size that a network starts near.
    case targetScale = "target_scale"
    /// The loss before the first step, against that of a network that knows nothing.
    case startLoss = "start_loss"
    /// In how many directions samples differ behind each layer.
    case rank
    /// Whether the network can learn one batch by heart.
    case oneBatch = "one_batch"
    /// What the first steps come to, against a constant, a linear model, and inputs that do not belong to their
    /// targets.
    case baselines
    /// How large a batch is against the noise of its gradient.
    case noiseScale = "noise_scale"
    /// The learning rate against the curvature of the loss.
    case sharpness
    /// Where on the parabola along its direction a step lands.
    case stepLength = "step_length"
    /// Updates that are smaller than the last place of their weights.
    case lostUpdates = "lost_updates"
  }

  /// What a check comes to.
  public enum Judgement: String, Sendable, CaseIterable {
    /// As it should be.
    case passed
    /// Nothing wrong, but worth knowing.
    case noted
    /// Something is wrong, or most likely is.
    case fault
    /// It says nothing here.
    case skipped
  }

  /// A number that was measured, or that it is held against.
  public struct Figure: Sendable, Equatable {
    /// Its key in JSON.
    public var name: String
    /// Nil where it is no finite number.
    public var value: Double?

    package init(_ name: String, _ value: Double?) {
      (self.name, self.value) = (name, value.flatMap { $0.isFinite ? $0 : nil })
    }
  }

  /// What was checked.
  public var kind: Kind
  /// What it came to.
  public var judgement: Judgement
  /// What was measured, the figure that decides first.
  public var figures: [Figure]
  /// What was found, in a sentence.
  public var finding: String
  /// What to do about it; empty where there is nothing to do.
  public var remedy: String

  package init(
    _ kind: Kind, _ judgement: Judgement, _ figures: [Figure], _ finding: String, remedy: String = ""
  ) {
    (self.kind, self.judgement, self.figures, self.finding, self.remedy) = (kind, judgement, figures, finding, remedy)
  }

  /// This check behind those of the data: where inputs or targets are at fault, what comes of training on them is no
  /// fault of its own.
  func following(_ data: [Check]) -> Check {
    let cause = data.first {
      $0.judgement == .fault && [.inputSpread, .inputScale, .targetScale].contains($0.kind)
    }
    guard let cause, judgement == .fault else { return self }
    var check = self
    (check.judgement, check.remedy) = (.noted, "\(cause.kind.rawValue) is the likely cause: look at that first.")
    return check
  }

  /// A figure by its name.
  public subscript(name: String) -> Double? { figures.first { $0.name == name }?.value }
}

extension Check.Kind {
  /// Who proposed it, or whose analysis it rests on: author, year, link.
  public var source: String {
    switch self {
    case .inputSpread, .constantColumns, .oneBatch, .startLoss, .baselines:
      "Karpathy 2019, https://karpathy.github.io/2019/04/25/recipe/"
    case .inputScale: "LeCun, Bottou, Orr, Müller 1998, http://yann.lecun.com/exdb/publis/pdf/lecun-98b.pdf"
    case .duplicates: "Barz, Denzler 2020, https://arxiv.org/abs/1902.00423"
    case .tellingColumn: "Kaufman, Rosset, Perlich, Stitelman 2012, https://doi.org/10.1145/2382577.2382579"
    case .targetScale: "Bishop 1995, Neural Networks for Pattern Recognition, 8.2"
    case .rank: "Daneshmand, Kohler, Bach, Hofmann, Lucchi 2020, https://arxiv.org/abs/2003.01652"
    case .noiseScale: "McCandlish, Kaplan, Amodei 2018, https://arxiv.org/abs/1812.06162"
    case .sharpness: "Cohen, Kaur, Li, Kolter, Talwalkar 2021, https://arxiv.org/abs/2103.00065"
    case .stepLength: "Schneider, Dangel, Hennig 2021, https://arxiv.org/abs/2102.06604"
    case .lostUpdates: "Gupta, Agrawal, Gopalakrishnan, Narayanan 2015, https://arxiv.org/abs/1502.02551"
    }
  }
}
