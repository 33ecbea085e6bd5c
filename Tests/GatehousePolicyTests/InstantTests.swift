import Testing

@testable import GatehousePolicy

@Suite("Times")
struct InstantTests {
  @Test(
    "A full RFC 3339 time is read and shown in UTC",
    arguments: [
      ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
      ("2026-11-21T12:00:00Z", 1_795_262_400_000_000, "2026-11-21T12:00:00Z"),
      ("2026-11-21t12:00:00z", 1_795_262_400_000_000, "2026-11-21T12:00:00Z"),
      ("2026-11-21 12:00:00+03:00", 1_795_251_600_000_000, "2026-11-21T09:00:00Z"),
      ("2026-11-21T12:00:00.5-00:30", 1_795_264_200_500_000, "2026-11-21T12:30:00.5Z"),
      ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
      ("2000-02-29T00:00:00Z", 951_782_400_000_000, "2000-02-29T00:00:00Z"),
      ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
      ("9999-12-31T23:59:59Z", 253_402_300_799_000_000, "9999-12-31T23:59:59Z"),
    ])
  func reading(text: String, microseconds: Int64, shown: String) {
    let instant = Instant(rfc3339: text)
    #expect(instant?.microseconds == microseconds)
    #expect(instant?.description == shown)
  }

  @Test(
    "What is no such time is none",
    arguments: [
      "", "2026-11-21", "2026-11-21T12:00:00", "2026-11-21T12:00Z", "2026-02-29T00:00:00Z",
      "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
      "2026-01-00T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z",
      "2026-01-01T00:60:00Z", "2026-01-01T23:59:60Z", "2026-01-01T00:00:00.Z",
      "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00+0300", "2026-01-01T00:00:00+24:00",
      "26-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-01T00:00:00Z ", "+026-01-01T00:00:00Z",
      "２026-01-01T00:00:00Z",
    ])
  func rejected(text: String) {
    #expect(Instant(rfc3339: text) == nil)
  }

  @Test("Every day from the year 1 to 9999 is one day after the one before")
  func calendar() throws {
    var days = try #require(CivilDate(year: 1, month: 1, day: 1)).daysSinceEpoch
    #expect(CivilDate(daysSinceEpoch: days - 1) == nil)
    var wrong: [CivilDate?] = []
    for year in 1...9999 {
      for month in 1...12 {
        // The ends of the month: what lies between follows from them.
        let last = CivilDate.days(inMonth: month, of: year)
        for (day, number) in [(1, days), (last, days + last - 1)] {
          let date = CivilDate(year: year, month: month, day: day)
          if date?.daysSinceEpoch != number || CivilDate(daysSinceEpoch: number) != date {
            wrong.append(date)
          }
        }
        days += last
      }
    }
    #expect(wrong.isEmpty)
    #expect(CivilDate(daysSinceEpoch: days) == nil)
  }

  @Test("The ends of time are shown, and do not trap")
  func extremes() {
    #expect(Instant.distantPast.description == "@-9223372036854775808")
    #expect(Instant.distantFuture.description == "@9223372036854775807")
    #expect(Instant.distantFuture + .days(14) == .distantFuture)
  }

  @Test(
    "A duration is a number and its unit",
    arguments: [
      ("0s", 0), ("90s", 90), ("5m", 300), ("24h", 86_400), ("7d", 604_800), ("366d", 31_622_400),
      ("367d", nil), ("24", nil), ("h", nil), ("", nil), ("-1h", nil), ("1.5h", nil), ("1 h", nil),
      ("1w", nil), ("999999999s", nil),
    ])
  func durations(text: String, expected: Int?) {
    #expect(duration(of: text) == expected.map { .seconds($0) })
  }

  @Test(
    "A duration that somebody types has several units, each once",
    arguments: [
      ("90min", 5400), ("1h30m", 5400), ("1h30min", 5400), ("2 h", 7200), ("1d 2h 3m 4s", 93_784),
      ("366d", 31_622_400), ("365d24h", 31_622_400), ("366d1s", nil), ("30m1h", nil), ("1h1h", nil),
      ("", nil), ("h", nil), ("1", nil), ("1h30", nil), ("1hour", nil), ("-1h", nil),
    ])
  func typedDurations(text: String, expected: Int?) {
    #expect(typedDuration(of: text) == expected.map { .seconds($0) })
  }

  @Test("Arithmetic ends at the first and the last time that there is")
  func arithmetic() {
    let (first, last) = (Instant.distantPast, Instant.distantFuture)
    let epoch = Instant(microsecondsSinceEpoch: 0)
    let longest = Duration.seconds(Int64.max)
    #expect(epoch + .seconds(2) == Instant(microsecondsSinceEpoch: 2_000_000))
    #expect(epoch - .seconds(2) == Instant(microsecondsSinceEpoch: -2_000_000))
    #expect(last + .microseconds(1) == last)
    #expect(first - .microseconds(1) == first)
    #expect(first + longest == last)
    #expect(last - longest == first)
    #expect(epoch + longest == last)
    #expect(epoch - longest == first)
    #expect(last - .microseconds(Int64.min) == last)
    #expect(last - first == .microseconds(Int64.max) - .microseconds(Int64.min))
    #expect(first - last < .zero)
    #expect(epoch - epoch == .zero)
    #expect(first + (last - first) == last)
    #expect(!first.description.isEmpty)
    #expect(!last.description.isEmpty)
  }
}
