import TestKit

@testable import GatehousePolicy
@testable import GatehouseReport

/// An independent validator of JSON Schema: Python's jsonschema.
enum SchemaJudge {
  /// A Python that has it; nil where there is none.
  static let python: String? = ["python3", "/usr/bin/python3"].first { python in
    (try? run(python, ["-c", "from jsonschema import Draft202012Validator"]).status) == 0
  }

  private static let program = """
    import json, sys
    from jsonschema import Draft202012Validator
    lines = sys.stdin.read().splitlines()
    schema = json.loads(lines[0])
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for line in lines[1:]:
        print(int(validator.is_valid(json.loads(line))))
    """

  /// Whether each value is valid.
  static func verdicts(on values: [JSONValue]) throws -> [Bool] {
    guard let python else { throw TestKitError("no Python with jsonschema") }
    let lines = ([PolicySchema.document] + values).map(\.text).joined(separator: "\n")
    let outcome = try run(python, ["-c", program], input: lines + "\n", seconds: 600)
    guard outcome.status == 0 else { throw TestKitError(outcome.errors) }
    return outcome.output.split(separator: "\n").map { $0 == "1" }
  }
}
