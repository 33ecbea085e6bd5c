/// The version of Gatehouse, as `--version` and `gatehouse status` print it.
public let gatehouseVersion = "0.1.0"
