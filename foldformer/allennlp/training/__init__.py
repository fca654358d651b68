"""What AllenNLP's `training` had that trainings here do by other means."""
