import GatehousePolicy

/// The form in which metrics are written.
public enum MetricsForm: Sendable {
  /// OpenMetrics 1.0, for Prometheus and whatever else reads over HTTP.
  case openMetrics
  /// Prometheus's text format 0.0.4, which node_exporter reads from files. It differs in how counters are
  /// described, and where it ends.
  case prometheus
}

/// Writes metrics, each with its description.
struct MetricsText {
  private let form: MetricsForm
  private var text = ""

  init(_ form: MetricsForm) { self.form = form }

  /// All of it, as UTF-8.
  var bytes: [UInt8] { Array((text + (form == .openMetrics ? "# EOF\n" : "")).utf8) }

  typealias Labels = [(name: String, value: String)]

  /// Something that goes up and down, or a time.
  mutating func gauge(
    _ name: String, unit: String? = nil, _ help: String,
    _ samples: [(labels: Labels, value: String)]
  ) {
    guard !samples.isEmpty else { return }
    describe(name, "gauge", unit, help)
    for (labels, value) in samples { sample(name, labels, value) }
  }

  /// The same with one value.
  mutating func gauge(_ name: String, _ help: String, _ value: Int) {
    gauge(name, help, [([], String(value))])
  }

  /// A time in seconds since 1970; nothing if it is not known.
  mutating func time(_ name: String, _ help: String, _ time: Instant?) {
    guard let time else { return }
    gauge(name, unit: "seconds", help, [([], Self.seconds(time.microseconds))])
  }

  /// Something that only goes up while the daemon lives; the name is without `_total`.
  mutating func counter(
    _ name: String, _ help: String, _ samples: [(labels: Labels, value: Int)]
  ) {
    describe(form == .openMetrics ? name : "\(name)_total", "counter", nil, help)
    for (labels, value) in samples { sample("\(name)_total", labels, String(value)) }
  }

  /// The same with one value.
  mutating func counter(_ name: String, _ help: String, _ value: Int) {
    counter(name, help, [([], value)])
  }

  /// How many measured times lie in each interval; limits and the sum are in microseconds.
  mutating func histogram(
    _ name: String, _ help: String, limits: [Int], counts: [Int], sum: Int
  ) {
    describe(name, "histogram", "seconds", help)
    var total = 0
    for (place, count) in counts.enumerated() {
      total += count
      let limit = place < limits.count ? Self.seconds(Int64(limits[place])) : "+Inf"
      sample("\(name)_bucket", [("le", limit)], String(total))
    }
    sample("\(name)_count", [], String(total))
    sample("\(name)_sum", [], Self.seconds(Int64(sum)))
  }

  private mutating func describe(_ name: String, _ type: String, _ unit: String?, _ help: String) {
    text += "# TYPE \(name) \(type)\n"
    if let unit, form == .openMetrics { text += "# UNIT \(name) \(unit)\n" }
    text += "# HELP \(name) \(help)\n"
  }

  private mutating func sample(_ name: String, _ labels: Labels, _ value: String) {
    let pairs = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
    text += name + (pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}") + " \(value)\n"
  }

  /// A label's value: what is unsafe to show is `\u{…}` first, and then what the format wants.
  private static func escaped(_ value: String) -> String {
    // By scalars: a mark that combines with a quotation mark would hide it.
    var text = ""
    for scalar in value.escapedForTerminal.unicodeScalars {
      if scalar == "\\" || scalar == "\"" { text.append("\\") }
      text.unicodeScalars.append(scalar)
    }
    return text
  }

  /// Microseconds as seconds, exactly, with at least one decimal.
  private static func seconds(_ microseconds: Int64) -> String {
    let (whole, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    var digits = String(String(rest.magnitude + 1_000_000).dropFirst())
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    return "\(microseconds < 0 && whole == 0 ? "-" : "")\(whole).\(digits)"
  }
}
