extension Instant: CustomStringConvertible {
  private static let microsecondsPerDay: Int64 = 86_400_000_000

  /// RFC 3339 in UTC, with as many digits of the second as are needed: `2026-11-21T12:00:00Z`.
  ///
  /// A time outside the years 1 to 9999 is given as `@` and its microseconds.
  public var description: String {
    let day = Int(floorDivide(microseconds, Self.microsecondsPerDay))
    guard let date = CivilDate(daysSinceEpoch: day) else { return "@\(microseconds)" }
    let rest = Int(microseconds - Int64(day) * Self.microsecondsPerDay)
    let seconds = rest / 1_000_000
    var fraction = padded(rest % 1_000_000, to: 6)
    while fraction.last == "0" { fraction.removeLast() }
    return padded(date.year, to: 4) + "-" + padded(date.month, to: 2) + "-"
      + padded(date.day, to: 2) + "T" + padded(seconds / 3600, to: 2) + ":"
      + padded(seconds / 60 % 60, to: 2) + ":" + padded(seconds % 60, to: 2)
      + (fraction.isEmpty ? "" : "." + fraction) + "Z"
  }

  /// Reads a full RFC 3339 time, with at most six digits of a second:
  /// `2026-11-21T12:00:00.5+03:00`.
  ///
  /// Nil for anything else: a day that the calendar does not have, a leap second, a missing offset.
  public init?(rfc3339 text: String) {
    var reader = TimeReader(text)
    guard let date = reader.date(), reader.skip("Tt "),
      let time = reader.timeOfDay(), let offset = reader.offset(), reader.isAtEnd
    else { return nil }
    self.init(
      microsecondsSinceEpoch: Int64(date.daysSinceEpoch) * Self.microsecondsPerDay + time - offset)
  }

  /// The first moment of a day, in UTC.
  init(startOf date: CivilDate) {
    self.init(microsecondsSinceEpoch: Int64(date.daysSinceEpoch) * Self.microsecondsPerDay)
  }

  /// The first moment after a day, in UTC.
  init(endOf date: CivilDate) {
    self.init(microsecondsSinceEpoch: Int64(date.daysSinceEpoch + 1) * Self.microsecondsPerDay)
  }
}

extension CivilDate {
  /// Reads `2027-01-31`; nil for anything else.
  init?(_ text: String) {
    var reader = TimeReader(text)
    guard let date = reader.date(), reader.isAtEnd else { return nil }
    self = date
  }
}

/// Reads the parts of an RFC 3339 time, one after the other.
private struct TimeReader {
  private var rest: ArraySlice<UInt8>

  init(_ text: String) {
    rest = Array(text.utf8)[...]
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// A number of exactly `digits` digits.
  private mutating func number(digits: Int) -> Int? {
    guard rest.count >= digits else { return nil }
    var value = 0
    for byte in rest.prefix(digits) {
      guard let digit = byte.decimalDigit else { return nil }
      value = value * 10 + digit
    }
    rest = rest.dropFirst(digits)
    return value
  }

  /// Steps over one of these characters, if one is next.
  mutating func skip(_ characters: StaticString) -> Bool {
    guard let next = rest.first, characters.description.utf8.contains(next) else { return false }
    rest = rest.dropFirst()
    return true
  }

  mutating func date() -> CivilDate? {
    guard let year = number(digits: 4), skip("-"), let month = number(digits: 2), skip("-"),
      let day = number(digits: 2)
    else { return nil }
    return CivilDate(year: year, month: month, day: day)
  }

  /// Microseconds since midnight.
  mutating func timeOfDay() -> Int64? {
    guard let hour = number(digits: 2), hour < 24, skip(":"), let minute = number(digits: 2),
      minute < 60, skip(":"), let second = number(digits: 2), second < 60
    else { return nil }
    var microseconds = 0
    if skip(".") {
      let digits = rest.prefix { $0.decimalDigit != nil }.count
      guard (1...6).contains(digits), let fraction = number(digits: digits) else { return nil }
      microseconds = (digits..<6).reduce(fraction) { value, _ in value * 10 }
    }
    return Int64((hour * 60 + minute) * 60 + second) * 1_000_000 + Int64(microseconds)
  }

  /// Microseconds by which local time is ahead of UTC.
  mutating func offset() -> Int64? {
    if skip("Zz") { return 0 }
    let sign: Int64 = rest.first == UInt8(ascii: "-") ? -1 : 1
    guard skip("+-"), let hours = number(digits: 2), hours < 24, skip(":"),
      let minutes = number(digits: 2), minutes < 60
    else { return nil }
    return sign * Int64(hours * 60 + minutes) * 60_000_000
  }
}

private func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? quotient - 1 : quotient
}

private func padded(_ number: Int, to digits: Int) -> String {
  let text = String(number)
  return String(repeating: "0", count: max(0, digits - text.count)) + text
}

extension Instant: Codable {
  /// Reads the description of an instant, or RFC 3339 with any offset.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    if let time = Instant(rfc3339: text) {
      self = time
    } else if text.hasPrefix("@"), let microseconds = Int64(text.dropFirst()) {
      self.init(microsecondsSinceEpoch: microseconds)
    } else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time")
    }
  }

  /// Writes the description, which loses nothing.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

/// A day of the proleptic Gregorian calendar, from the year 1 to 9999.
struct CivilDate: Hashable {
  let year: Int
  let month: Int
  let day: Int

  /// Nil if the calendar has no such day.
  init?(year: Int, month: Int, day: Int) {
    guard (1...9999).contains(year), (1...12).contains(month),
      day >= 1, day <= Self.days(inMonth: month, of: year)
    else { return nil }
    self.year = year
    self.month = month
    self.day = day
  }

  /// How many days a month has.
  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days since 1970-01-01.
  ///
  /// Years begin in March here, so that the leap day is the last day of a year.
  var daysSinceEpoch: Int {
    let shiftedYear = month > 2 ? year : year - 1
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear % 400
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The day that is `days` days after 1970-01-01; nil outside the years 1 to 9999.
  init?(daysSinceEpoch days: Int) {
    let shifted = days + 719_468
    guard (306...3_652_364).contains(shifted) else { return nil }
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    self.init(year: year, month: month, day: dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
  }
}
