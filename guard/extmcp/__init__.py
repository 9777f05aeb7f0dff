"""The processor that agentgateway asks about what goes through it (`ExtMcp`, over gRPC)."""
