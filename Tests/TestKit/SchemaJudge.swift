/// An independent validator of JSON Schema: Python's jsonschema.
public enum SchemaJudge {
  /// A Python that has it; nil where there is none.
  public static let python: String? = ["python3", "/usr/bin/python3"].first { python in
    (try? run(python, ["-c", "from jsonschema import Draft202012Validator"]).status) == 0
  }

  private static let program = """
    import json, sys
    from jsonschema import Draft202012Validator
    lines = sys.stdin.read().splitlines()
    schema = json.loads(lines[0])
    if len(sys.argv) > 1:
        schema["anyOf"] = [{"$ref": "#/$defs/" + name} for name in sys.argv[1:]]
    else:
        Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    for line in lines[1:]:
        errors = list(validator.iter_errors(json.loads(line)))
        inner = [e for error in errors for e in error.context or [error]]
        print(json.dumps("; ".join(e.json_path + ": " + e.message for e in inner)[:2000])[1:-1])
    """

  /// What is wrong with each value by a schema; empty if it is valid.
  ///
  /// - Parameters:
  ///   - values: The values as JSON, each on one line.
  ///   - schema: The schema, on one line.
  ///   - definitions: Which of the schema's definitions a value may be; empty for what the schema says,
  ///     which is then judged, too.
  /// - Returns: For each value, all that is wrong, on one line.
  /// - Throws: If Python cannot be run, or refuses the schema.
  public static func problems(
    of values: [String], by schema: String, definitions: [String] = []
  ) throws -> [String] {
    guard let python else { throw TestKitError("no Python with jsonschema") }
    let lines = ([schema] + values).joined(separator: "\n")
    let outcome = try run(
      python, ["-c", program] + definitions, input: lines + "\n", seconds: 600)
    guard outcome.status == 0 else { throw TestKitError(outcome.errors) }
    let problems = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    return problems.dropLast().map { String($0) }
  }
}
