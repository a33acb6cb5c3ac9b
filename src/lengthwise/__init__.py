"""How long must a training sequence be?"""
