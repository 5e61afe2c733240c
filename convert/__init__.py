"""Safetensors checkpoints to quantized GGUF files, in one pass. Uses relative imports only and nothing of leads_local."""
