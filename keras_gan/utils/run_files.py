"""Names of files in the folder of a run."""

MODEL = "gan.keras"
