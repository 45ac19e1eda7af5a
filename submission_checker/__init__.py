"""submission_checker judges MLPerf Inference submissions by the rules of their own round."""

__version__ = "0.1.0"
